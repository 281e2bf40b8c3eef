import { group, option } from './declare.js';
import { integer, type Kind, path, toggle, ValueError } from './kinds.js';

/** Work that several processes share. */
export const sharedWork = group('command', 'Several processes', {
  workers: option(
    '--workers <n>',
    integer(1),
    'computes in n processes of this machine, which share its threads and memory; with --plan-units, divides the work among n workers',
    { unset: '1; 8 with --plan-units' },
  ),
  planUnits: option(
    '--plan-units',
    toggle,
    'writes units.json, a list of units of work for "ntk-lens worker", and stops',
  ),
});

/** The place of a worker among others. */
export interface ShareIndex {
  readonly index: number;
  readonly of?: number;
}

/** `2/8`, the third of eight workers, or `2`, the third unit alone. */
const shareIndex: Kind<ShareIndex> = {
  parse: (given) => {
    const [, first, second] = /^(\d+)(?:\/(\d+))?$/.exec(given.trim()) ?? [];
    const [index, of] = [Number(first), second === undefined ? undefined : Number(second)];
    if (first === undefined || (of !== undefined && index >= of))
      throw new ValueError('i/n with i from 0 to n − 1, or the number of one unit from 0');
    return { index, of };
  },
  schema: (z) => z.object({ index: z.int().nonnegative(), of: z.int().positive().optional() }),
};

/** The share of a worker, or what it does instead. */
export const workerShare = group('command', 'Units', {
  units: option('--units <dir>', path, 'works in a directory that --plan-units left', { required: true }),
  index: option(
    '--index <i/n>',
    shareIndex,
    'computes the share of worker i of n, counted from 0; without n, computes unit i',
  ),
  slurm: option(
    '--slurm',
    toggle,
    'computes the share of this element of an array, which "ntk-lens submit" sent to SLURM',
  ),
  assemble: option('--assemble', toggle, 'verifies all units and puts the results together'),
  mixed: option(
    '--mixed',
    toggle,
    'works with other threads, instructions or another runtime than planned, if the results stay within the tolerance of the plan',
  ),
  retry: option('--retry', toggle, 'tries units again that failed three times'),
});
