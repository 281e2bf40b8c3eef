import { optimizerNames } from '@ntk-lens/subspace/optimizers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { integer, integers, oneOf } from '../../options/parse-value.js';
import type { FineTuneSettings } from '../../run/finetune/fine-tune-settings.js';
import { optimizerList, rateDefaults, settingDefaults, takers } from './optimizer-help.js';

/** Options of `finetune` besides those of task and model, as commander gives them. */
export interface FineTuneFlags {
  readonly space?: string;
  readonly optimizer?: FineTuneSettings['optimizer'];
  readonly lr?: readonly number[];
  readonly batch?: readonly number[];
  readonly grid?: boolean;
  readonly steps?: number;
  readonly accumulate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly schedule?: FineTuneSettings['schedule'];
  readonly warmUp?: number;
  readonly clip?: number | false;
  readonly dropout?: boolean;
  readonly evaluateEvery?: number;
  readonly patience?: number;
  readonly standard?: NonNullable<FineTuneSettings['standard']>;
  readonly trajectory?: readonly number[];
}

const number =
  (fits: (value: number) => boolean, expected: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && fits(value)) return value;
    throw new InvalidArgumentError(`Expected ${expected}.`);
  };

const positive = number((x) => x > 0, 'a number > 0');

const rates = (text: string): readonly number[] => {
  const list = text.split(',').map(positive);
  if (new Set(list).size < list.length) throw new InvalidArgumentError('Expected no value twice.');
  return list;
};

/** Adds the options that say how a model is fine-tuned. */
export const addFineTuneOptions = (command: Command): Command =>
  command
    .optionsGroup('Training:')
    .option(
      '--space <name>',
      'where parameters may move: full, lora:r=8, bitfit, prefix:20, … (default: full)',
    )
    .addOption(
      new Option('--optimizer <name>', `${optimizerList()} (default: sgd)`).argParser(oneOf(optimizerNames)),
    )
    .option('--lr <x,…>', `learning rates, chosen on dev (default: ${rateDefaults()})`, rates)
    .option('--batch <n,…>', 'examples per batch, chosen on dev (default: 8)', integers(1))
    .option('--grid', "the protocol's grid of learning rates and batch sizes where none are given")
    .option('--steps <n>', 'optimizer steps (default: 200)', integer(1))
    .option('--accumulate <n>', 'batches per step (default: 1)', integer(1))
    .option(
      '--momentum <x>',
      `of ${takers('momentum')} (default: ${settingDefaults('momentum')})`,
      number((x) => x >= 0 && x < 1, 'a number from 0 to below 1'),
    )
    .option(
      '--weight-decay <x>',
      `(default: ${settingDefaults('weightDecay')})`,
      number((x) => x >= 0, 'a number ≥ 0'),
    )
    .addOption(
      new Option('--schedule <name>', 'linear or constant learning rate (default: linear)').argParser(
        oneOf(['linear', 'constant']),
      ),
    )
    .option('--warm-up <n>', 'steps over which the rate rises from 0 (default: 0)', integer(0))
    .option('--clip <x>', 'largest norm of the gradient (default: 1)', positive)
    .option('--no-clip', 'gradients of any norm')
    .option('--no-dropout', "no dropout (default: the model's, as transformers trains)")
    .option('--evaluate-every <n>', 'steps between evaluations on dev (default: a tenth of all)', integer(1))
    .option('--patience <n>', 'stop after n evaluations without a better score', integer(1))
    .addOption(
      new Option(
        '--standard <start>',
        'no prompt: a classifier on the first token, that starts random or as a linear probe',
      ).argParser(oneOf(['random', 'probe'])),
    )
    .option('--trajectory <step,…>', 'keep the parameters after these steps; 0 is the start', integers(0));

/** These flags as settings; those not given are left out. */
export const fineTuneFields = (flags: FineTuneFlags): Partial<FineTuneSettings> => {
  const { space, optimizer, lr, batch, steps, accumulate, momentum, weightDecay, schedule, warmUp } = flags;
  const { clip, dropout, evaluateEvery, patience, standard, trajectory } = flags;
  const all = {
    ...{ space, optimizer, steps, momentum, weightDecay, schedule, evaluateEvery, patience, standard },
    learningRates: lr && [...lr],
    batchSizes: batch && [...batch],
    accumulationSteps: accumulate,
    warmUpSteps: warmUp,
    clipNorm: clip === false ? null : typeof clip === 'number' ? clip : undefined,
    dropout: dropout === false ? false : undefined,
    trajectory: trajectory && [...trajectory],
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as Partial<FineTuneSettings>;
};
