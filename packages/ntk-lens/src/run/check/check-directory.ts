import { join } from 'node:path';
import type { CheckConfig } from './resolve-check.js';

/** `runs/<task>-<shots>-<seeds>-check-<space>-<optimizers>-<model>`, relative to the working directory. */
export const checkDirectory = ({ run, check }: CheckConfig, model: string): string => {
  const seeds = run.seeds.length > 3 ? `s${run.seeds.length}` : run.seeds.join('+');
  const parts = [
    run.task,
    `${run.shots.join('+')}shot`,
    `seed${seeds}`,
    'check',
    check.space,
    check.optimizers.join('+'),
    model,
  ];
  return join('runs', parts.join('-').replace(/[^\w.+-]+/g, '_'));
};
