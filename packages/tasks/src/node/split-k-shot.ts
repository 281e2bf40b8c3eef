import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LongTaskOptions, throwIfCancelled, writeFileList, writeWhole } from '@ntk-lens/core';
import { MissingDataError, TaskDefinitionError } from '../errors.js';
import { findTask } from '../registry/find-task.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { type KShotSplitsOptions, kShotSplits, standardSeeds } from '../split/k-shot-splits.js';
import { readDataFile } from './read-data-file.js';

export interface SplitKShotOptions extends KShotSplitsOptions, LongTaskOptions {
  /** A task, or its name. */
  readonly task: TaskSpec | string;
  /** Directory of full data, with one folder per task; or the task's own folder. */
  readonly originalDir: string;
  /** Directory in which `<TASK>/<shots>-<seed>/` is made. */
  readonly outDir: string;
}

/** One file that {@link splitKShot} wrote. */
export interface WrittenSplitFile {
  /** `<TASK>/<shots>-<seed>/<file>`, as LM-BFF's checksum list names it. */
  readonly name: string;
  readonly path: string;
  readonly md5: string;
}

/** The result of {@link splitKShot}. */
export interface SplitKShotResult {
  readonly files: readonly WrittenSplitFile[];
  /** The training file, if it is not there: then only test files were written. */
  readonly missing?: string;
  /** Labels that had too few examples, by seed. */
  readonly short: readonly {
    readonly seed: number;
    readonly label: string;
    readonly train: number;
    readonly dev: number;
  }[];
}

/**
 * Samples k-shot splits from a task's full data and writes them in LM-BFF's layout. `SST-2-original` and `cr-lmbff` are
 * written under LM-BFF's names `SST-2` and `cr`; with them the files have the md5 sums that LM-BFF publishes. Where only
 * the file to test on is there, the test files are written, and `missing` names the training file.
 *
 * @example
 * ```ts
 * await splitKShot({ task: 'mr', originalDir: 'data/original', outDir: 'data/k-shot', shots: 16 });
 * ```
 * @returns the files with their md5 sums, and labels that were too few
 * @throws MissingDataError if the full data are not there, CancelledError between files
 */
export const splitKShot = async (options: SplitKShotOptions): Promise<SplitKShotResult> => {
  const task = typeof options.task === 'string' ? findTask(options.task) : options.task;
  if (task.files === undefined) {
    throw new TaskDefinitionError(task.name, 'no data files', 'a task with files');
  }
  const { originals, missing } = await readOriginals(task, options.originalDir);
  const files: WrittenSplitFile[] = [];
  const short: SplitKShotResult['short'][number][] = [];
  const total = new Set(options.seeds ?? standardSeeds).size;
  let done = 0;
  for (const split of kShotSplits(task, originals, options)) {
    const sums: Record<string, string> = {};
    for (const [file, text] of split.files) {
      throwIfCancelled(options.signal, `Splitting ${task.name}`);
      const name = `${task.files.directory}/${split.directory}/${file}`;
      const path = join(options.outDir, name);
      await writeWhole(path, text);
      files.push({ name, path, md5: createHash('md5').update(text).digest('hex') });
      sums[file] = createHash('sha256').update(text).digest('hex');
    }
    await writeFileList(join(options.outDir, task.files.directory, split.directory), sums);
    short.push(...split.short.map((label) => ({ seed: split.seed, ...label })));
    options.onProgress?.({ phase: `split ${task.name}`, done: ++done, total, unit: 'seeds' });
  }
  return { files, missing, short };
};

interface Originals {
  readonly originals: ReadonlyMap<string, string>;
  /** Path of the training file, if it is not there. */
  readonly missing?: string;
}

const readOriginals = async (task: TaskSpec, originalDir: string): Promise<Originals> => {
  const files = task.files!;
  const extension = files.formats[0]!.extension;
  const train = `train.${extension}`;
  const looked = [join(originalDir, files.originalDirectory ?? files.directory), originalDir];
  const wanted = extension === 'csv' ? /^(train|test)\.csv$/ : /^(train|dev(_matched|_mismatched)?)\.tsv$/;
  const within = async (path: string): Promise<string[]> =>
    (await readdir(path).catch((): string[] => [])).filter((name) => wanted.test(name)).sort();
  const directory =
    looked.find((path) => existsSync(join(path, train))) ??
    // Below a folder of its own name, so that no other task's files are taken for its.
    ((await within(looked[0]!)).length > 0 ? looked[0] : undefined);
  if (directory === undefined) {
    throw new MissingDataError(
      `Full data of ${task.name}`,
      looked.map((path) => join(path, train)),
      `Get them with "ntk-lens tasks get ${task.name}".`,
    );
  }
  const originals = new Map<string, string>();
  for (const name of await within(directory)) originals.set(name, await readDataFile(join(directory, name)));
  return { originals, missing: originals.has(train) ? undefined : join(directory, train) };
};
