import type { Lens } from '@ntk-lens/lens';
import type { RunConfig } from '../options/run-config.js';
import type { DirectoryOptions } from '../run/run-directory.js';
import type { TaskWork } from '../run/several/over-tasks.js';
import type { Call, Outcome } from './command.js';

/** The part of a call that {@link onTasks} needs. */
type TasksCall = Omit<Call<unknown>, 'flags'> & {
  readonly flags: { readonly yes?: boolean; readonly skipMissing?: boolean };
};

/**
 * Does the work of a command on the task of a run, which `onOwnData` completes, or on each of several tasks, in folders
 * of one directory.
 *
 * @param options options of the directory
 * @param check refuses what can be refused before a model is looked for
 * @param show prints a result, and writes its tables and figures
 */
export const onTasks = async <R>(
  call: TasksCall,
  config: RunConfig,
  options: DirectoryOptions,
  check: ((config: RunConfig) => void) | undefined,
  work: TaskWork<R>,
  show: (result: R) => Promise<Outcome>,
): Promise<Outcome> => {
  const { runsByTask } = await import('../run/several/runs-by-task.js');
  const runs = runsByTask(config);
  if (runs.length === 1) {
    const { onOwnData } = await import('./own-data.js');
    return onOwnData(call, config, check, async (completed, { lens }: { readonly lens?: Lens }) =>
      show(await work.compute(completed, { ...options, lens })),
    );
  }
  const { overTasks } = await import('../run/several/over-tasks.js');
  const { skipMissing } = call.flags;
  const outcomes: Outcome[] = [];
  const done = await overTasks(
    runs,
    { ...options, skipMissing },
    {
      ...work,
      compute: async (run, own) => {
        const outcome = await show(await work.compute(run, own));
        outcomes.push(outcome);
        return outcome.result;
      },
    },
  );
  return {
    result: done,
    shown: outcomes.flatMap(({ shown }) => (typeof shown === 'function' ? [] : shown)),
    directory: done.directory,
    reports: outcomes.flatMap(({ reports = [] }) => reports),
    notes: [
      ...Object.entries(done.missing).map(([task, why]) => `left out ${task}: ${why}`),
      ...outcomes.flatMap(({ notes = [] }) => notes),
    ],
  };
};
