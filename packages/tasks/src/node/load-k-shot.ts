import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { BadArgumentError, type Example, type SplitName, splitNames } from '@ntk-lens/core';
import { MissingDataError, MissingLabelError, OtherTaskDataError, TaskDefinitionError } from '../errors.js';
import { parseExamples } from '../read/parse-examples.js';
import { findTask } from '../registry/find-task.js';
import { tasks } from '../registry/tasks.js';
import type { TableFormat } from '../spec/table-format.js';
import type { TaskFiles, TaskSpec } from '../spec/task-spec.js';
import { readDataFile } from './read-data-file.js';

/** The three example sets of a few-shot run. */
export interface TaskSplits {
  readonly train: readonly Example[];
  readonly dev: readonly Example[];
  readonly test: readonly Example[];
}

export interface LoadKShotOptions {
  /** A task, or its name. */
  readonly task: TaskSpec | string;
  /**
   * One of: a k-shot directory (`<dataDir>/<TASK>/<shots>-<seed>/` is read), a task's directory
   * (`<dataDir>/<shots>-<seed>/`), or a directory that holds the train, dev and test files itself.
   */
  readonly dataDir: string;
  /** Training examples per label (16 …); needed unless `dataDir` holds the files itself. */
  readonly shots?: number;
  readonly seed?: number;
  /** Sets to read; the others stay empty. All three if not given. */
  readonly splits?: readonly SplitName[];
}

/** The result of {@link loadKShot}. */
export interface LoadedKShot extends TaskSplits {
  readonly task: TaskSpec;
  /** The files, by set. */
  readonly files: Readonly<Partial<Record<SplitName, string>>>;
}

/**
 * Reads train, dev and test examples from a k-shot directory in LM-BFF's layout.
 *
 * @example
 * ```ts
 * const { train, dev, test } = await loadKShot({ task: 'SST-2', dataDir: 'data/k-shot', shots: 16, seed: 42 });
 * ```
 * @returns examples in file order, with labels as the task names them
 * @throws UnknownTaskError, MissingDataError, OtherTaskDataError, MissingLabelError, and what {@link parseExamples} throws
 */
export const loadKShot = async (options: LoadKShotOptions): Promise<LoadedKShot> => {
  const task = typeof options.task === 'string' ? findTask(options.task) : options.task;
  refuseOtherPath(options.dataDir);
  const files = task.files;
  if (files === undefined) {
    throw new TaskDefinitionError(
      task.name,
      `the directory ${options.dataDir}`,
      task.embedded
        ? 'no directory, as its data come with this package: give a .csv, .tsv, .jsonl or .ndjson file of your own, or name the task whose data lie there'
        : 'a definition with `files`',
    );
  }
  const directory = findDirectory(files, options);
  refuseOtherTask(task, files, directory);
  const wanted = options.splits ?? splitNames;
  const found: Partial<Record<SplitName, string>> = {};
  const sets: Record<SplitName, readonly Example[]> = { train: [], dev: [], test: [] };
  for (const split of splitNames.filter((name) => wanted.includes(name))) {
    const { path, format } = await findFile(task, files, directory, split);
    found[split] = path;
    sets[split] = parseExamples(await readDataFile(path), format, path, {
      kind: task.kind,
      labels: task.labels,
      range: task.range,
    });
    if (sets[split].length === 0) throw new MissingDataError(`An example in the ${split} set`, [path], '');
    if (split === 'train') refuseOtherLabels(task, sets[split], path);
  }
  return { task, ...sets, files: found };
};

/** @throws MissingDataError for a path that leads nowhere; BadArgumentError for a file, which holds no k-shot sample */
const refuseOtherPath = (path: string): void => {
  if (!existsSync(path)) throw new MissingDataError(`The directory ${path}`, [], 'Check the path.');
  if (!isDirectory(path))
    throw new BadArgumentError('data', path, 'a .csv, .tsv, .jsonl or .ndjson file, or a directory');
};

/** In a sample of two per label and more, labels without an example are a sign of data of a task with fewer labels. */
const refuseOtherLabels = (task: TaskSpec, train: readonly Example[], path: string): void => {
  if (task.kind === 'regression' || train.length < 2 * task.labels.length) return;
  const found = new Set(train.map(({ label }) => label));
  const missing = task.labels.filter((label) => !found.has(label));
  if (missing.length > 0) throw new MissingLabelError(path, task.name, missing, [...found]);
};

/**
 * A directory that bears the name of another task holds that task's data, whose files may look the same.
 *
 * @throws OtherTaskDataError
 */
const refuseOtherTask = (task: TaskSpec, { directory }: TaskFiles, found: string): void => {
  const parts = resolve(found).split(sep).slice(-2);
  const other = tasks.find(({ files }) => files !== undefined && parts.includes(files.directory));
  if (other?.files === undefined || parts.includes(directory)) return;
  if (other.files.directory === task.files?.originalDirectory) return;
  throw new OtherTaskDataError(found, task.name, other.name);
};

const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

const findDirectory = (files: TaskFiles, options: LoadKShotOptions): string => {
  const { dataDir, shots, seed } = options;
  const looked = [dataDir];
  if (shots !== undefined && seed !== undefined) {
    const run = `${shots}-${seed}`;
    looked.unshift(join(dataDir, files.directory, run), join(dataDir, run));
    const originals = files.originalDirectory;
    if (originals !== undefined) looked.unshift(join(dataDir, originals, run));
  }
  const holdsFiles = (path: string): boolean =>
    candidates(files, 'train').some(({ name }) => existsSync(join(path, name)));
  const found = looked.find((path) => isDirectory(path) && holdsFiles(path));
  if (found !== undefined) return found;
  throw new MissingDataError(
    `Data of ${files.directory}`,
    looked.map((path) => join(path, candidates(files, 'train')[0]!.name)),
    "Give a directory in LM-BFF's layout with `shots` and a `seed` that exist there, or one that holds train, dev and test files.",
  );
};

const candidates = (files: TaskFiles, split: SplitName): { name: string; format: TableFormat }[] =>
  files.names[split].flatMap((name) =>
    files.formats.map(({ extension, format }) => ({ name: `${name}.${extension}`, format })),
  );

const findFile = async (
  task: TaskSpec,
  files: TaskFiles,
  directory: string,
  split: SplitName,
): Promise<{ path: string; format: TableFormat }> => {
  const wanted = candidates(files, split);
  const found = wanted.find(({ name }) => existsSync(join(directory, name)));
  if (found) return { path: join(directory, found.name), format: found.format };
  const present = (await readdir(directory)).filter((name) =>
    ['.tsv', '.csv', '.jsonl'].includes(extname(name)),
  );
  throw new MissingDataError(
    `The ${split} set of ${task.name}`,
    wanted.map(({ name }) => join(directory, name)),
    `The directory holds ${present.join(', ') || 'no TSV, CSV or JSON-lines file'}.`,
  );
};
