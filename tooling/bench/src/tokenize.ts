import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Mt19937 } from '@ntk-lens/core';
import { type LoadedTokenizer, loadTokenizer } from '@ntk-lens/tokenizers';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { expectKnown } from './front/parse-options.js';
import { printHeading } from './measure/heading.js';
import { printRow } from './measure/print.js';
import { runApart } from './measure/processes.js';
import { cpuSeconds, writeFigures } from './measure/resources.js';
import { requirePackages, runPeer } from './peers/python.js';

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

const options = optionsOf('tokenize');

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

/** The rate of the Rust library, called from Python. */
const peer = async (tokenizer: string, texts: readonly string[]): Promise<number> => {
  const input = JSON.stringify({ tokenizer, texts, seconds: SECONDS });
  const rates = await runPeer<{ perSecond: number; batchPerSecond: number }>(
    options.python,
    'make_tokenizer_timing.py',
    {},
    { input },
  );
  return Math.max(rates.perSecond, rates.batchPerSecond);
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

const widths = [18, -12, -12, -12, -12, -12, -12, -12, -12];

const compare = async (): Promise<void> => {
  const peers = options['without-rust'] ? undefined : requirePackages(options.python, benches.tokenize.needs);
  const surroundings = await printHeading({ threads: 1, peers });
  const length = Math.round(sentences.join('').length / sentences.length);
  console.log(
    `sentences per second of processor time; the embedded tasks have ${sentences.length} of ${length}`,
  );
  console.log(`characters; distinct sentences: ${options.sentences ?? 'made of their words'}`);
  const first = counts.map((count) => `${count / 1000}k distinct`);
  printRow(widths, ['family', ...first, 'again', 'offsets', 'nasty', 'Rust', 'again/Rust']);
  const found: Record<string, unknown> = {};
  for (const [family, path] of Object.entries(families)) {
    const rates = await runApart<number[]>('tokenize', { fresh: family, sentences: options.sentences });
    const tokenizer = await open(path);
    for (const text of sentences) tokenizer.encode(text);
    const again = perSecond(sentences, (text) => tokenizer.encode(text));
    const offsets = perSecond(sentences, (text) => tokenizer.encodeWithOffsets(text));
    const hard = perSecond(nasty, (text) => tokenizer.encode(text));
    const rust = peers && (await peer(path, sentences));
    const cells = [...rates, again, offsets, hard].map((rate) => Math.round(rate).toLocaleString('en'));
    const against = rust ? [Math.round(rust).toLocaleString('en'), (again / rust).toFixed(2)] : ['–', '–'];
    printRow(widths, [family, ...cells, ...against]);
    found[family] = { rates, again, offsets, hard, rust };
  }
  writeFigures(options.json, { ...surroundings, found });
};

if (options.fresh === undefined) await compare();
else {
  const family = expectKnown('--fresh', options.fresh, Object.keys(families) as (keyof typeof families)[]);
  const most = counts.at(-1)!;
  const texts =
    options.sentences === undefined
      ? distinctSentences(most)
      : [...new Set(readFileSync(options.sentences, 'utf8').split('\n').filter(Boolean))].slice(0, most);
  console.log(JSON.stringify(firstPass(await open(families[family]), texts)));
}
