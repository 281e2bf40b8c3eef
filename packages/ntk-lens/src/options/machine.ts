import { group, option } from './declare.js';
import { bytes, integer, text } from './kinds.js';

/** What computes, and with how much of the machine. */
export const machine = group('run', 'Machine', {
  runtime: option('--runtime <name>', text, 'computes on this runtime; "ntk-lens doctor" lists them', {
    default: 'auto',
    unset: 'auto, the fastest that works here',
    env: 'NTK_LENS_RUNTIME',
    identity: { plain: 'auto' },
  }),
  threads: option('--threads <n>', integer(1), 'computes on n CPU threads', {
    unset: 'all cores',
    env: 'NTK_LENS_THREADS',
  }),
  /** Budget in bytes. */
  memory: option('--memory <size>', bytes, 'plans the work within this much memory, such as 4GB', {
    unset: '4GiB',
    env: 'NTK_LENS_MEMORY',
  }),
  /** Most examples per pass. */
  batch: option(
    '--batch <n>',
    integer(1),
    'sends at most n examples through one forward or backward pass: more are faster and take more memory, and results differ by rounding only',
    { unset: '32', libraryName: 'batchSize' },
  ),
});
