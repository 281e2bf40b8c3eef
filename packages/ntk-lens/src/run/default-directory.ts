import { join } from 'node:path';
import type { RunConfig } from '../options/run-config.js';

/** `runs/<task>-<shots>-<seeds>-<formulas>-…-<model>`, relative to the working directory. */
export const defaultDirectory = (config: RunConfig, modelName: string): string => {
  const parts = [
    config.task,
    `${config.shots.join('+')}shot`,
    `seed${config.seeds.length > 3 ? `s${config.seeds.length}` : config.seeds.join('+')}`,
    config.formulas.join('+'),
    ...(config.optimizerState === undefined ? [] : ['optimizer-state']),
    ...(config.spaces ? [config.spaces.join('+')] : []),
    ...(config.binary ? ['binary'] : []),
    modelName,
  ];
  return join('runs', parts.join('-').replace(/[^\w.+-]+/g, '_'));
};
