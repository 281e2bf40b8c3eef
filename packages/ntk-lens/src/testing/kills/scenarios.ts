import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryBudgetError } from '@ntk-lens/kernels';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { defaultRunConfig, type RunConfig } from '../../options/run-config.js';
import { explainExperiment } from '../../run/explain-experiment.js';
import { spawnProgram } from '../spawn-program.js';
import type { KillScenario } from './kill-and-resume.js';

const machine = ['--runtime', 'ort-cpu', '--threads', '1', '--json'];
const torchKernels = fileURLToPath(new URL('../../../fixtures/torch-kernels/sgd', import.meta.url));

/** The smallest budget that works, and a few examples more: one pass for every few pairs of examples. */
export const tightBudget = async (config: RunConfig): Promise<readonly string[]> => {
  const refusal = await explainExperiment({ ...config, memory: 1 }).catch((error: unknown) => error);
  if (!(refusal instanceof MemoryBudgetError)) throw refusal;
  return ['--memory', String(refusal.smallest + 20_000)];
};

/**
 * Commands that write what they need to go on, over a tiny model.
 *
 * @param program a bundled program
 * @param parent directory of the model
 */
export const killScenarios = async (program: string, parent: string): Promise<readonly KillScenario[]> => {
  const model = await tinyModel(join(parent, 'model'));
  const scenario = (
    name: string,
    argv: readonly string[],
    begun: RegExp,
    within: number,
    isCompared?: KillScenario['isCompared'],
  ): KillScenario => ({
    ...{ name, begun, within, isCompared },
    start: (out, options) => spawnProgram(program, [...argv, '--out', out, ...machine], options),
  });
  const onModel = ['--model', model, '--shots'];
  const config: RunConfig = {
    ...defaultRunConfig,
    ...{ model, shots: [3], limitTest: 10, batch: 2, runtime: 'ort-cpu', threads: 1 },
  };
  const kernel = ['kernel', ...onModel, '3', '--limit-test', '10', '--batch', '2'];
  const twoSeeds = [...onModel, '2', '--seeds', '13,21', '--limit-test', '6'];
  return [
    scenario(
      'kernel',
      [...kernel, '--formula', 'sgd', ...(await tightBudget(config))],
      /"phase":"kernel"/,
      0.2,
    ),
    scenario(
      'kernel per layer',
      [
        ...[...kernel, '--formula', 'a-signgd', '--binary', '--blocks', 'layer'],
        ...(await tightBudget({ ...config, formulas: ['a-signgd'], binary: true })),
      ],
      /"phase":"kernel"/,
      0.2,
    ),
    scenario(
      'kernel on two processes',
      [...kernel, '--formula', 'sgd', '--workers', '2'],
      /"phase":"units"/,
      0.5,
    ),
    scenario('run', ['run', ...twoSeeds, '--formula', 'sgd,a-signgd', '--binary'], /kernel"/, 0.5),
    scenario(
      'finetune',
      [
        ...['finetune', ...twoSeeds, '--space', 'lora:r=2,dropout=0.1', '--optimizer', 'adam'],
        ...['--lr', '1e-3,1e-2', '--steps', '24', '--evaluate-every', '4', '--trajectory', '0,10'],
      ],
      /fine-tune/,
      0.5,
    ),
    scenario('check', ['check', ...twoSeeds, '--steps', '4', '--early-steps', '2'], /fine-tune/, 0.3),
    scenario(
      'reproduce',
      [
        ...['reproduce', ...onModel, '2', '--seeds', '13', '--limit-test', '6', '--tasks', 'sentiment,topic'],
        ...['--parts', 'tables,behaviour', '--formula', 'sgd', '--steps', '4'],
      ],
      /fine-tune/,
      0.5,
    ),
    scenario(
      'pretrain',
      [
        ...['pretrain', '--widths', '8,16', '--seeds', '0', '--steps', '25', '--batch', '8', '--layers', '1'],
        ...['--base-width', '8'],
      ],
      /"phase":"pretrain"/,
      0.5,
    ),
    {
      ...{ name: 'convert', begun: /^/, within: 1 },
      start: (out, options) =>
        spawnProgram(program, ['convert', torchKernels, '--out', out, '--json'], options),
    },
  ];
};
