import { group, option } from './declare.js';
import { bytes, integer, path } from './kinds.js';
import { runtimeName } from './names.js';

/** The runtime, and its share of the machine. */
export const machine = group('run', 'Machine', {
  runtime: option('--runtime <name>', runtimeName, 'computes on a runtime that "ntk-lens doctor" lists', {
    default: 'auto',
    unset: 'auto, the fastest that works',
    env: 'NTK_LENS_RUNTIME',
    identity: 'given',
  }),
  threads: option('--threads <n>', integer(1), 'computes on n CPU threads', {
    unset: 'all cores',
    env: 'NTK_LENS_THREADS',
  }),
  /** In bytes. */
  memory: option('--memory <size>', bytes, 'plans the work within this much memory, such as 4GB', {
    unset: '4GiB',
    env: 'NTK_LENS_MEMORY',
  }),
  profile: option(
    '--profile <file>',
    path,
    'plans by the rates of this machine that doctor --measure wrote',
    {
      unset: 'those measured here before, or those of a table of processors',
      env: 'NTK_LENS_PROFILE',
    },
  ),
  batch: option(
    '--batch <n>',
    integer(1),
    'sends at most n examples through a pass: more are faster and take more memory, and results differ by rounding only',
    { unset: '32', libraryName: 'batchSize' },
  ),
});
