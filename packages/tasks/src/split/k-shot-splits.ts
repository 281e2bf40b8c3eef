import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { DataFormatError, TaskDefinitionError } from '../errors.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { readCsvRows, writeCsvRows } from './csv-as-pandas.js';

/**
 * The ways to make splits:
 * - `k-shot`: LM-BFF's, with the whole test set;
 * - `k-shot-10x`: the same with ten times as many development examples;
 * - `k-shot-1k-test`: LM-Kernel-FT's, with at most 1,000 test examples.
 */
export type SplitMode = 'k-shot' | 'k-shot-10x' | 'k-shot-1k-test';

/** LM-BFF's seeds, in the order in which its program uses them. */
export const standardSeeds: readonly number[] = [100, 13, 21, 42, 87];

export interface KShotSplitsOptions {
  /** Training examples per label; as many for development (ten times as many for `k-shot-10x`). */
  readonly shots: number;
  /** Seeds; {@link standardSeeds} if not given. */
  readonly seeds?: readonly number[];
  /** `k-shot` if not given. */
  readonly mode?: SplitMode;
  /**
   * Largest number of test examples. More are drawn from as LM-Kernel-FT draws its 1,000: files that are sorted by label keep
   * all labels. Default: 1,000 for `k-shot-1k-test`, else no limit.
   */
  readonly limitTest?: number;
}

/** The files of one seed. */
export interface KShotSplit {
  readonly seed: number;
  /** `<shots>-<seed>`. */
  readonly directory: string;
  /** File name → text; without training and development files where there is no training data. */
  readonly files: ReadonlyMap<string, string>;
  /** Labels that had too few examples for full training and development sets, with how many they got. */
  readonly short: readonly { readonly label: string; readonly train: number; readonly dev: number }[];
}

/**
 * Makes k-shot splits as LM-BFF's `generate_k_shot_data` does, to the byte.
 *
 * Its oddities are kept. CoLA has no header, and its lines are shuffled in place, so the split of one of the
 * {@link standardSeeds} depends on those before it (they are replayed; any other seed starts from the file's
 * order). A file that lacks its last line break gets two sentences glued when written. Labels with too few
 * examples get fewer, and labels appear in the order of the shuffled file.
 *
 * @example
 * ```ts
 * const originals = new Map([['train.csv', trainText], ['test.csv', testText]]);
 * for (const { directory, files } of kShotSplits(findTask('mr'), originals, { shots: 16 })) console.log(directory, files.keys());
 * ```
 * @param task one that has `files`
 * @param originals file name → text: `train` and `dev*` TSV files of a GLUE task (its dev set serves as test
 * set),
 *   `train` and `test` CSV files of the others. Without the training file only test files are made.
 * @returns one split per seed, in the order in which LM-BFF makes them
 * @throws DataFormatError for a line without a label, BadArgumentError for impossible options
 */
export function* kShotSplits(
  task: TaskSpec,
  originals: ReadonlyMap<string, string>,
  { shots, seeds = standardSeeds, mode = 'k-shot', limitTest }: KShotSplitsOptions,
): Generator<KShotSplit> {
  for (const [name, count] of Object.entries({ shots, limitTest }))
    if (count !== undefined && (!Number.isInteger(count) || count < 1))
      throw new BadArgumentError(name, count, 'a positive integer');
  const replayed = standardSeeds.filter((seed) => seeds.includes(seed));
  const others = seeds.filter((seed) => !standardSeeds.includes(seed));
  const most = limitTest ?? (mode === 'k-shot-1k-test' ? 1000 : Number.POSITIVE_INFINITY);
  const options = { shots, mode, most };
  const last = standardSeeds.indexOf(replayed.at(-1) ?? -1);
  let source = sourceOf(task, originals);
  for (const seed of standardSeeds.slice(0, last + 1)) {
    const split = splitOnce(source, seed, options);
    if (seeds.includes(seed)) yield split;
  }
  for (const seed of others) {
    source = sourceOf(task, originals);
    yield splitOnce(source, seed, options);
  }
}

type Line = string | string[];

/** One task's lines. `shared` lines are shuffled in place from seed to seed, others in a copy. */
interface Source {
  readonly extension: string;
  readonly header: readonly Line[];
  /** Absent where there is no training file. */
  readonly train: Line[] | undefined;
  readonly tests: readonly {
    readonly name: string;
    readonly header: readonly Line[];
    readonly lines: Line[];
  }[];
  readonly shared: boolean;
  readonly devName: string;
  label(line: Line): string;
  write(lines: readonly Line[]): string;
}

const splitOnce = (
  source: Source,
  seed: number,
  { shots, mode, most }: { readonly shots: number; readonly mode: SplitMode; readonly most: number },
): KShotSplit => {
  const { extension } = source;
  const files = new Map<string, string>();
  for (const { name, header, lines } of source.tests) {
    const kept = lines.length > most ? drawTest(source, lines, most) : lines;
    files.set(`${name}.${extension}`, source.write([...header, ...kept]));
  }
  const directory = `${shots}-${seed}`;
  if (source.train === undefined) return { seed, directory, files, short: [] };

  const train = source.shared ? source.train : [...source.train];
  new Mt19937(seed).shuffle(train);
  const byLabel = new Map<string, Line[]>();
  for (const line of train) {
    const label = source.label(line);
    const own = byLabel.get(label);
    if (own) own.push(line);
    else byLabel.set(label, [line]);
  }
  const devShots = mode === 'k-shot-10x' ? 10 * shots : shots;
  const take = (from: number, to: number): Line[] =>
    [...byLabel.values()].flatMap((own) => own.slice(from, to));
  files.set(`train.${extension}`, source.write([...source.header, ...take(0, shots)]));
  files.set(
    `${source.devName}.${extension}`,
    source.write([...source.header, ...take(shots, shots + devShots)]),
  );
  const short = [...byLabel]
    .filter(([, own]) => own.length < shots + devShots)
    .map(([label, own]) => ({
      label,
      train: Math.min(shots, own.length),
      dev: Math.max(0, own.length - shots),
    }));
  return { seed, directory, files, short };
};

/** LM-Kernel-FT's test examples: GLUE files are shuffled, CSV files sampled by pandas, both with seed 42. */
const drawTest = (source: Source, lines: Line[], most: number): Line[] => {
  const random = new Mt19937(42);
  if (source.extension === 'csv') return random.choice(lines.length, most).map((i) => lines[i]!);
  const shuffled = source.shared ? lines : [...lines];
  random.shuffle(shuffled);
  return shuffled.slice(0, most);
};

/** Files of full data that become test sets. */
const testFiles = { csv: /^test\.csv$/, tsv: /^dev.*\.tsv$/ } as const;

const sourceOf = (task: TaskSpec, originals: ReadonlyMap<string, string>): Source => {
  const format = task.files?.formats[0];
  const extension = format?.extension;
  if (task.files === undefined || format === undefined || (extension !== 'tsv' && extension !== 'csv')) {
    throw new TaskDefinitionError(task.name, 'no TSV or CSV files', 'a task with original files');
  }
  const { labelColumn, header: hasHeader } = format.format;
  const trainFile = `train.${extension}`;
  const trainText = originals.get(trainFile);
  const tests = [...originals.keys()].filter((name) => testFiles[extension].test(name));
  if (trainText === undefined && tests.length === 0) {
    throw new BadArgumentError('originals', 'no file to split', `${trainFile}, or a file to test on`);
  }
  if (extension === 'csv') {
    const rows = (name: string): string[][] => readCsvRows(originals.get(name) ?? '', name);
    return {
      extension,
      header: [],
      train: trainText === undefined ? undefined : rows(trainFile),
      tests: tests.map((name) => ({ name: 'test', header: [], lines: rows(name) })),
      shared: false,
      devName: 'dev',
      label: (line) => line[0] ?? '',
      write: (lines) => writeCsvRows(lines as string[][]),
    };
  }
  const lines = linesOf(trainText ?? '');
  const headerLines = hasHeader ? 1 : 0;
  return {
    extension,
    header: lines.slice(0, headerLines),
    train: trainText === undefined ? undefined : lines.slice(headerLines),
    tests: tests.map((name) => {
      const all = linesOf(originals.get(name)!);
      return {
        name: name.slice(0, -'.tsv'.length).replaceAll('dev', 'test'),
        header: all.slice(0, headerLines),
        lines: all.slice(headerLines),
      };
    }),
    shared: !hasHeader,
    devName: task.files.names.dev[0]!,
    label: glueLabel(task, labelColumn, lines[0] ?? '', trainFile),
    write: (written) => written.join(''),
  };
};

/** Lines with their line breaks, as Python's `readlines` in text mode gives them. */
const linesOf = (text: string): string[] => text.replace(/\r\n?/g, '\n').match(/[^\n]*\n|[^\n]+$/g) ?? [];

const glueLabel = (
  task: TaskSpec,
  column: string | number,
  header: string,
  file: string,
): ((line: Line) => string) => {
  const names = header
    .replace(/^\ufeff/, '')
    .trim()
    .split('\t');
  // As LM-BFF, take the last column wherever the label is not the first: rows may be longer than the header.
  const index = typeof column === 'number' ? column : names.indexOf(column) === 0 ? 0 : -1;
  return (line) => {
    const cell = (line as string).trim().split('\t').at(index);
    if (cell === undefined) throw new DataFormatError(file, 0, `line ${JSON.stringify(line)}`, 'a label');
    if (task.kind !== 'regression') return cell;
    const [low, high] = task.range ?? [0, 1];
    return Number(cell) < (low + high) / 2 ? '0' : '1';
  };
};
