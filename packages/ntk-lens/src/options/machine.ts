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
  profile: option('--profile <file>', path, 'plans by the rates in this file, which doctor --measure wrote', {
    unset: 'rates measured here before, or rates from a table of processors',
    env: 'NTK_LENS_PROFILE',
  }),
  batch: option(
    '--batch <n>',
    integer(1),
    'sends at most n examples through a pass; larger batches are faster, need more memory, and change results by rounding only',
    { unset: '32', libraryName: 'batchSize' },
  ),
});
