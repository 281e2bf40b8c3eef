/**
 * Short sentences tokenized per second of processor time, for each model family, and the ratio to Hugging
 * Face's Rust library called from Python (left out where `PYTHON`, or `python3`, has no `tokenizers`).
 *
 * pnpm --filter @ntk-lens/bench tokenize [FILE]
 *
 * `distinct` are sentences that all differ, the lines of FILE or made from the embedded tasks' words, read
 * once by a fresh process. Compiling the code, filling caches and collecting garbage count, as they do in a
 * run. `again` is the rate for the embedded tasks' sentences read over and over, words cached.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Mt19937 } from '@ntk-lens/core';
import { type LoadedTokenizer, loadTokenizer } from '@ntk-lens/tokenizers';

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
const nasty = JSON.parse(gunzip(path('packages/tokenizers/fixtures/strings.json.gz'))) as string[];

/** Processor time of all threads, so that collecting garbage and compiling count too. */
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

/** Sentences that all differ: as long as the embedded ones, of their words in their frequencies. */
const distinctSentences = (count: number): string[] => {
  const words = sentences.flatMap((text) => text.split(' '));
  const random = new Mt19937(42);
  const made = new Set<string>();
  while (made.size < count) {
    const like = sentences[made.size % sentences.length]!;
    const length = like.split(' ').length;
    const drawn = Array.from({ length }, () => words[random.randint(0, words.length)]!);
    made.add(drawn.join(' '));
  }
  return [...made];
};

const counts = [1_000, 5_000, 20_000] as const;

/** Rates over the first so many distinct sentences, from the first call on. */
const firstPass = (tokenizer: LoadedTokenizer, texts: readonly string[]): number[] => {
  const start = process.cpuUsage();
  const rates: number[] = [];
  for (const [i, text] of texts.entries()) {
    tokenizer.encode(text);
    if ((counts as readonly number[]).includes(i + 1)) rates.push((i + 1) / cpuSeconds(start));
  }
  return rates;
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
const fixture = (name: string): string => path(`packages/tokenizers/fixtures/${name}.tokenizer.json.gz`);
const families = {
  'WordPiece (BERT)': path('packages/minilm-mlm/model/tokenizer.json'),
  'byte-level BPE': existsSync(roberta) ? roberta : fixture('byte-level'),
  'Unigram (XLM-R)': fixture('xlmr-like'),
  'Unigram (ALBERT)': fixture('albert-like'),
};

const show = (value: number | undefined): string =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en');
const line = (name: string, cells: readonly string[]): string =>
  [name.padEnd(18), ...cells.map((cell) => cell.padStart(12))].join('');

const fresh = (name: string, file: string | undefined): number[] => {
  const self = fileURLToPath(import.meta.url);
  const argv = [...process.execArgv, self, '--fresh', name, ...(file === undefined ? [] : [file])];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as number[];
};

const main = async (file: string | undefined): Promise<void> => {
  const length = Math.round(sentences.join('').length / sentences.length);
  console.log(
    `sentences per second of processor time; the embedded tasks have ${sentences.length} of ${length}`,
  );
  console.log(`characters; distinct sentences: ${file ?? 'made of their words'}`);
  const first = counts.map((count) => `${count / 1000}k distinct`);
  console.log(line('family', [...first, 'again', 'offsets', 'nasty', 'Rust', 'again/Rust']));
  for (const [name, path] of Object.entries(families)) {
    const rates = fresh(name, file);
    const tokenizer = await open(path);
    for (const text of sentences) tokenizer.encode(text);
    const warm = perSecond(sentences, (text) => tokenizer.encode(text));
    const offsets = perSecond(sentences, (text) => tokenizer.encodeWithOffsets(text));
    const hard = perSecond(nasty, (text) => tokenizer.encode(text));
    const rust = peer(path, sentences);
    const ratio = rust === undefined ? '–' : (warm / rust).toFixed(2);
    console.log(line(name, [...[...rates, warm, offsets, hard, rust].map(show), ratio]));
  }
};

const [first, name, ...rest] = process.argv.slice(2);
if (first === '--fresh') {
  const [file] = rest;
  const texts =
    file === undefined
      ? distinctSentences(counts.at(-1)!)
      : [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))].slice(0, counts.at(-1));
  console.log(JSON.stringify(firstPass(await open(families[name as keyof typeof families]), texts)));
} else {
  await main(first);
}
