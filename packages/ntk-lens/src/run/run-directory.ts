import { resolve } from 'node:path';
import type { RunConfig } from '../options/run-config.js';
import type { SessionOptions } from './with-lens.js';

/** Options of every experiment that leaves a directory. */
export interface DirectoryOptions extends SessionOptions {
  /** Run directory. Default: `runs/…`, named after what is done. */
  readonly out?: string;
  /** Folder in which `runs/…` is made; default: the working directory. */
  readonly runs?: string;
  /** Replace other work in that directory. Default false: it is refused. */
  readonly force?: boolean;
}

/**
 * The directory that was asked for, or `runs/<task>-<shots>-<seeds>-<what>-…-<model>`; data of one's own give their name to
 * the task.
 *
 * @param what is done with the samples
 */
export const runDirectory = (
  { task, shots, seeds }: Pick<RunConfig, 'task' | 'shots' | 'seeds'>,
  what: readonly string[],
  model: string,
  { out, runs = '' }: DirectoryOptions,
): string => {
  if (out !== undefined) return resolve(out);
  const drawn = seeds.length > 3 ? `s${seeds.length}` : seeds.join('+');
  const parts = [task, `${shots.join('+')}shot`, `seed${drawn}`, ...what, model];
  return resolve(runs, 'runs', parts.join('-').replace(/[^\p{L}\p{N}_.+-]+/gu, '_'));
};
