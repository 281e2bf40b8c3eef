import { availableParallelism } from 'node:os';
import { DEFAULT_MEMORY } from '@ntk-lens/models';
import type { RunConfig } from '../options/run-config.js';

/** A configuration for one of several processes of this machine: each has its share of the threads and of the budget. */
export const shareOfMachine = (config: RunConfig, workers: number): RunConfig => ({
  ...config,
  threads: Math.max(1, Math.floor((config.threads ?? availableParallelism()) / workers)),
  memory: Math.floor((config.memory ?? DEFAULT_MEMORY) / workers),
});
