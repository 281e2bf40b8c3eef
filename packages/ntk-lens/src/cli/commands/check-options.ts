import { type CheckedOptimizer, checkedOptimizers } from '@ntk-lens/lens/defaults';
import type { Command } from 'commander';
import { integer, integers, names, positives } from '../../options/parse-value.js';
import type { CheckSettings } from '../../run/check/check-settings.js';

/** Options of `check` besides those of task and model, as commander gives them. */
export interface CheckFlags {
  readonly optimizer?: readonly CheckedOptimizer[];
  readonly space?: string;
  readonly sgdLr?: readonly number[];
  readonly adamLr?: readonly number[];
  readonly batch?: readonly number[];
  readonly steps?: number;
  /** False with --no-clip. */
  readonly clip?: boolean;
  /** False with --no-dropout. */
  readonly dropout?: boolean;
  readonly trajectory?: readonly number[];
  readonly earlySteps?: number;
  readonly probes?: number;
}

/** Adds the options that say how fine-tuning is checked. */
export const addCheckOptions = (command: Command): Command =>
  command
    .optionsGroup('Fine-tuning:')
    .option(
      '--optimizer <name,…>',
      'sgd and adam, against the kernels that are their analogues (default: sgd,adam)',
      names(checkedOptimizers),
    )
    .option('--space <name>', 'where parameters may move: full, lora:r=8, bitfit, … (default: full)')
    .option('--sgd-lr <x,…>', 'learning rates of SGD, chosen on dev (default: 1e-3)', positives)
    .option('--adam-lr <x,…>', 'learning rates of Adam, chosen on dev (default: 2e-5)', positives)
    .option('--batch <n,…>', 'examples per batch, chosen on dev (default: 8)', integers(1))
    .option('--steps <n>', 'optimizer steps (default: 100)', integer(1))
    .option('--no-clip', 'gradients of any norm (default: clipped to 1)')
    .option('--no-dropout', "no dropout in training (default: the model's)")
    .optionsGroup('What is looked at:')
    .option(
      '--trajectory <step,…>',
      'steps whose parameters are kept; steps that follow each other are checked as single steps (default: the first, and two at an eighth, a half and the end)',
      integers(1),
    )
    .option('--early-steps <n>', 'first steps of Adam that are held against SignGD (default: 8)', integer(1))
    .option('--probes <n>', 'test examples on which the trajectory is looked at (default: 64)', integer(1));

/** These flags as settings; those not given are left out. */
export const checkFields = (flags: CheckFlags): Partial<CheckSettings> => {
  const { optimizer, space, sgdLr, adamLr, batch, steps, trajectory, earlySteps, probes } = flags;
  const all = {
    ...{ space, steps, earlySteps, probes },
    optimizers: optimizer && [...optimizer],
    sgdRates: sgdLr && [...sgdLr],
    adamRates: adamLr && [...adamLr],
    batchSizes: batch && [...batch],
    clipNorm: flags.clip === false ? null : undefined,
    dropout: flags.dropout === false ? false : undefined,
    trajectory: trajectory && [...trajectory].sort((a, b) => a - b),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as Partial<CheckSettings>;
};
