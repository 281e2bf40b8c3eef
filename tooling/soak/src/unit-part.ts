import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Mt19937 } from '@ntk-lens/core';
import { hasRedis, startRedis } from '@ntk-lens/testing/redis-server';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { killUnits } from '../../../packages/ntk-lens/src/testing/kills/kill-units.js';
import type { UnitScenario } from '../../../packages/ntk-lens/src/testing/kills/unit-run.js';
import type { Part } from './part.js';

/** Kills and runs at `--share 1`, over all scenarios. */
const KILLS = 200;
const RUNS = 50;
const WORKERS = 3;

/**
 * Work that several processes share, whose workers, controllers and Redis are killed.
 *
 * @param program a bundled program
 */
export const unitPart = async (
  program: string,
  parent: string,
  share: number,
  seed: number,
): Promise<Part> => {
  const model = await tinyModel(join(parent, 'unit-model'));
  const machine = ['--runtime', 'ort-cpu', '--threads', '1', '--json'];
  const places = ['--model', model];
  const kernel = ['kernel', ...places, '--shots', '3', '--limit-test', '12', '--batch', '2'];
  const check = ['check', ...places, '--shots', '2', '--seeds', '13,21,42', '--limit-test', '6'];
  const scenarios: readonly UnitScenario[] = [
    {
      ...{ name: 'units of kernels', program, places, workers: WORKERS },
      argv: [...kernel, '--formula', 'sgd,cosine', ...machine],
    },
    {
      ...{ name: 'units of checks', program, places, workers: WORKERS },
      argv: [...check, '--optimizer', 'sgd', '--steps', '4', '--trajectory', '1,2', ...machine],
    },
  ];
  const kills = Math.ceil((KILLS * share) / scenarios.length);
  const runs = Math.ceil((RUNS * share) / scenarios.length);
  const all = { runs: 0, worker: 0, controller: 0, redis: 0 };
  return {
    title: 'Kills of several processes',
    columns: [
      ...['work', 'runs', 'units of a run', 'kills of workers', 'of controllers', 'of Redis'],
      ...['units cut off', 'units begun again', 'faults'],
    ],
    unit: 'kills of workers, controllers and Redis',
    least: kills * scenarios.length,
    jobs: scenarios.map((scenario, i) => ({
      name: scenario.name,
      run: async (onProgress) => {
        const random = new Mt19937([seed, i]);
        const folder = join(parent, `units-${i}`);
        const data = join(folder, 'redis');
        await mkdir(data, { recursive: true });
        const redis = hasRedis ? await startRedis(data) : undefined;
        const onKill = () => onProgress(1);
        const found = await killUnits(scenario, folder, { kills, runs, random, redis, onKill }).finally(() =>
          redis?.kill(),
        );
        const { worker, controller, redis: ofRedis } = found.kills;
        all.runs += found.runs;
        all.worker += worker;
        all.controller += controller;
        all.redis += ofRedis;
        const numbers = [found.runs, found.units, worker, controller, ofRedis, found.retries, found.again];
        return {
          row: [scenario.name, ...[...numbers, found.faults.length].map(String)],
          faults: found.faults,
          counted: worker + controller + ofRedis,
        };
      },
    })),
    summary: () => {
      const { worker, controller, redis } = all;
      const killed = `${all.runs} runs: ${worker} workers, ${controller} controllers and ${redis} times Redis were killed.`;
      return hasRedis ? killed : `${killed} Redis is not installed, so nothing was shared by a queue.`;
    },
  };
};
