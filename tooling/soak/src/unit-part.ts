import { join } from 'node:path';
import { Mt19937 } from '@ntk-lens/core';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { killUnits, type UnitScenario } from '../../../packages/ntk-lens/src/testing/kills/kill-units.js';
import type { Part } from './part.js';

/** Kills and runs at `--share 1`, over all scenarios. */
const KILLS = 200;
const RUNS = 50;
const WORKERS = 3;

/**
 * Work that several processes share, whose workers and controller are killed.
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
  return {
    title: 'Kills of several processes',
    columns: [
      ...['work', 'runs', 'units of a run', 'kills of workers', 'of the controller', 'processes ended'],
      ...['units begun again', 'faults'],
    ],
    unit: 'kills of workers and controllers',
    least: kills * scenarios.length,
    jobs: scenarios.map((scenario, i) => ({
      name: scenario.name,
      run: async (onProgress) => {
        const random = new Mt19937([seed, i]);
        const folder = join(parent, `units-${i}`);
        const onKill = () => onProgress(1);
        const found = await killUnits(scenario, folder, { kills, runs, random, onKill });
        const { worker, controller } = found.kills;
        const numbers = [found.runs, found.units, worker, controller, found.ended, found.again];
        return {
          row: [scenario.name, ...[...numbers, found.faults.length].map(String)],
          faults: found.faults,
          counted: worker + controller,
        };
      },
    })),
  };
};
