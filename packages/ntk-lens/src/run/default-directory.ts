import { join } from 'node:path';
import type { RunConfig } from '../options/run-config.js';

/**
 * `runs/<task>-<shots>-<seeds>-<what>-…-<model>` in a folder; data of one's own give their name to the task.
 *
 * @param what is done with the samples
 * @param folder default: the working directory
 */
export const defaultDirectory = (
  { task, shots, seeds }: Pick<RunConfig, 'task' | 'shots' | 'seeds'>,
  what: readonly string[],
  model: string,
  folder = '',
): string => {
  const drawn = seeds.length > 3 ? `s${seeds.length}` : seeds.join('+');
  const parts = [task, `${shots.join('+')}shot`, `seed${drawn}`, ...what, model];
  return join(folder, 'runs', parts.join('-').replace(/[^\w.+-]+/g, '_'));
};
