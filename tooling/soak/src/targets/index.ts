import type { FuzzTarget } from '../fuzz/target.js';
import { checkpointTargets } from './checkpoints.js';
import { dataTargets } from './data.js';
import { modelTargets } from './models.js';
import { programTargets } from './program.js';
import { storeTargets } from './stores.js';
import { tokenizerTargets } from './tokenizers.js';

/** Every parser that is fuzzed. */
export const fuzzTargets: readonly FuzzTarget[] = [
  ...tokenizerTargets,
  ...checkpointTargets,
  ...modelTargets,
  ...dataTargets,
  ...programTargets,
  ...storeTargets,
];
