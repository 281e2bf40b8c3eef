/**
 * Short sentences tokenized per second of processor time, for each model family, and the ratio to Hugging Face's Rust
 * library called from Python (left out where `PYTHON`, or `python3`, has no `tokenizers`).
 *
 *     pnpm --filter @ntk-lens/bench tokenize
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type LoadedTokenizer, loadTokenizer } from '../../../packages/models/src/tokenizers/index.js';

const SECONDS = 2;
const root = new URL('../../../', import.meta.url);
const path = (relative: string): string => fileURLToPath(new URL(relative, root));
const gunzip = (file: string): string => gunzipSync(readFileSync(file)).toString('utf8');

interface TaskFile {
  readonly [split: string]: readonly { readonly text: readonly string[] }[];
}

const sentences = ['sentiment', 'topic', 'entailment'].flatMap((task) => {
  const file = JSON.parse(
    readFileSync(path(`packages/tasks/src/embedded/data/${task}.json`), 'utf8'),
  ) as TaskFile;
  return Object.values(file).flatMap((examples) =>
    Array.isArray(examples) ? examples.flatMap((example) => example.text) : [],
  );
});
const nasty = JSON.parse(gunzip(path('packages/models/fixtures/tokenizers/strings.json.gz'))) as string[];

/** Of all threads, so that collecting garbage counts too. */
const cpuSeconds = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

const perSecond = (texts: readonly string[], run: (text: string) => unknown): number => {
  let passes = 0;
  const start = process.cpuUsage();
  while (cpuSeconds(start) < SECONDS) {
    for (const text of texts) run(text);
    passes++;
  }
  return (passes * texts.length) / cpuSeconds(start);
};

const peer = (tokenizer: string, texts: readonly string[]): number | undefined => {
  try {
    const out = execFileSync(
      process.env['PYTHON'] ?? 'python3',
      [path('tooling/reference/make_tokenizer_timing.py')],
      {
        input: JSON.stringify({ tokenizer, texts, seconds: SECONDS }),
        stdio: ['pipe', 'pipe', 'ignore'],
        encoding: 'utf8',
      },
    );
    const rates = JSON.parse(out) as { perSecond: number; batchPerSecond: number };
    return Math.max(rates.perSecond, rates.batchPerSecond);
  } catch {
    return undefined;
  }
};

const open = (file: string): Promise<LoadedTokenizer> =>
  file.endsWith('.gz') ? loadTokenizer({ 'tokenizer.json': gunzip(file) }) : loadTokenizer(dirname(file));

const roberta = path('../shared/golden/models/tiny-roberta/tokenizer.json');
const fixture = (name: string): string =>
  path(`packages/models/fixtures/tokenizers/${name}.tokenizer.json.gz`);
const families = {
  'WordPiece (BERT)': path('packages/minilm-mlm/model/tokenizer.json'),
  'byte-level BPE': existsSync(roberta) ? roberta : fixture('byte-level'),
  'Unigram (XLM-R)': fixture('xlmr-like'),
  'Unigram (ALBERT)': fixture('albert-like'),
};

const show = (value: number | undefined): string =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en');
const columns = ['encode/s', 'first pass/s', 'offsets/s', 'nasty/s', 'Rust/s', 'ratio'];
console.log(
  `${sentences.length} sentences of ${Math.round(sentences.join('').length / sentences.length)} characters`,
);
console.log(['family'.padEnd(18), ...columns.map((c) => c.padStart(13))].join(''));
for (const [name, file] of Object.entries(families)) {
  const tokenizer = await open(file);
  const start = process.cpuUsage();
  for (const text of sentences) tokenizer.encode(text);
  const first = sentences.length / cpuSeconds(start);
  const warm = perSecond(sentences, (text) => tokenizer.encode(text));
  const offsets = perSecond(sentences, (text) => tokenizer.encodeWithOffsets(text));
  const hard = perSecond(nasty, (text) => tokenizer.encode(text));
  const rust = peer(file, sentences);
  const ratio = rust === undefined ? '–' : (warm / rust).toFixed(2);
  const row = [show(warm), show(first), show(offsets), show(hard), show(rust), ratio];
  console.log([name.padEnd(18), ...row.map((cell) => cell.padStart(13))].join(''));
}
