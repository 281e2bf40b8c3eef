import { join } from 'node:path';
import { isError, throwIfCancelled } from '@ntk-lens/core';
import { type EarlyLens, named } from '@ntk-lens/lens';
import { MissingDataError } from '@ntk-lens/tasks';
import type { RunConfig } from '../../options/run-config.js';
import type { DirectoryOptions } from '../run-directory.js';
import { withLens } from '../with-lens.js';
import { MissingTasksError, namingTask, TaskRefusedError } from './errors.js';

/** The work of a command on one task. */
export interface TaskWork<R> {
  /** Refuses what the configuration alone shows to be impossible. */
  readonly check: (run: RunConfig) => void;
  /** Reads the samples, and refuses what can be refused before the weights are read. */
  readonly refuse: (lens: EarlyLens, run: RunConfig, options: DirectoryOptions) => Promise<unknown>;
  /** The directory of all tasks, where none is named; absent for work that writes nothing. */
  readonly directory?: (run: RunConfig, model: string, options: DirectoryOptions) => string;
  readonly compute: (run: RunConfig, options: DirectoryOptions) => Promise<R>;
}

export interface TasksOptions extends DirectoryOptions {
  /** Leave out tasks whose data are not there. Default false: they are named, and nothing is computed. */
  readonly skipMissing?: boolean;
}

/** The results of a command on several tasks. */
export interface OverTasks<R> {
  readonly format: 'ntk-lens-tasks';
  readonly version: 1;
  /** It has a folder for every task, which is the directory of a call on that task alone; absent where nothing is written. */
  readonly directory?: string;
  /** Tasks whose data are not there, each with what was looked for. */
  readonly missing: Readonly<Record<string, string>>;
  readonly tasks: readonly R[];
}

/**
 * Does the same work on several tasks, with one session: the model is opened once. Every task is read, and what can be
 * refused of any is refused, before the first is computed.
 *
 * @param runs configurations of one task each
 * @throws MissingTasksError; TaskRefusedError for what `work` refuses; what it throws else
 */
export const overTasks = async <R>(
  runs: readonly RunConfig[],
  options: TasksOptions,
  work: TaskWork<R>,
): Promise<OverTasks<R>> => {
  const { signal, skipMissing = false } = options;
  for (const run of runs) await namingTask(run.task, async () => work.check(run));
  const [first] = runs;
  const names = runs.length > 3 ? `${runs.length}tasks` : runs.map(({ task }) => task).join('+');
  const prepare = async (lens: EarlyLens) => {
    const directory = work.directory?.({ ...first!, task: names }, lens.name, options);
    const missing: Record<string, string> = {};
    for (const run of runs) {
      throwIfCancelled(signal, 'Reading the tasks');
      try {
        const out = folderOf(directory, run);
        await namingTask(run.task, () => work.refuse(lens, run, { ...options, out }));
      } catch (error) {
        if (!isError(error, TaskRefusedError) || !isError(error.cause, MissingDataError)) throw error;
        missing[run.task] = error.cause.message;
      }
    }
    const left = runs.filter(({ task }) => missing[task] === undefined);
    if (left.length < runs.length && (!skipMissing || left.length === 0))
      throw new MissingTasksError(missing, left.length);
    return { directory, missing, left };
  };
  return withLens(first!, options, prepare, async (lens, { directory, missing, left }) => {
    const tasks: R[] = [];
    for (const run of left) {
      throwIfCancelled(signal, 'The run');
      const own = { ...options, ...named(run.task, options), lens, out: folderOf(directory, run) };
      tasks.push(await work.compute(run, own));
    }
    return { format: 'ntk-lens-tasks', version: 1, ...{ directory, missing, tasks } };
  });
};

const folderOf = (directory: string | undefined, { task }: RunConfig): string | undefined =>
  directory === undefined ? undefined : join(directory, task);
