import { optimizerNamed, optimizerNames } from '@ntk-lens/subspace/optimizers';
import { defaultsOf, group, option, type ValuesOf } from './declare.js';
import { integer, list, number, oneOf, orInf, text, toggle } from './kinds.js';
import { rateDefaults, settingDefaults, takers } from './optimizer-help.js';

const count = integer(1);
const positive = number({ above: 0 });

/** How a model is fine-tuned. */
export const training = group('training', 'Training', {
  space: option(
    '--space <name>',
    text,
    'moves the parameters of this space only: full, lora:r=8, bitfit, prefix:20, …',
    { default: 'full' },
  ),
  optimizer: option('--optimizer <name>', oneOf(optimizerNames), `trains by ${optimizerNames.join(', ')}`, {
    default: 'sgd',
  }),
  learningRates: option('--lr <x,…>', list(positive), 'chooses the learning rate on dev among these', {
    default: [optimizerNamed('sgd').learningRate],
    unset: rateDefaults(),
  }),
  batchSizes: option('--batch <n,…>', list(count), 'chooses the examples per batch on dev among these', {
    default: [8],
  }),
  accumulationSteps: option('--accumulate <n>', count, 'sums the gradients of n batches for a step', {
    default: 1,
  }),
  steps: option('--steps <n>', count, 'takes n optimizer steps', { default: 200 }),
  momentum: option(
    '--momentum <x>',
    number({ least: 0, below: 1 }),
    `sets the momentum of ${takers('momentum')}`,
    {
      unset: settingDefaults('momentum'),
    },
  ),
  weightDecay: option('--weight-decay <x>', number({ least: 0 }), 'sets the weight decay', {
    unset: settingDefaults('weightDecay'),
  }),
  schedule: option(
    '--schedule <name>',
    oneOf(['linear', 'constant']),
    'lets the learning rate fall to 0 linearly, or keeps it constant',
    { default: 'linear' },
  ),
  warmUpSteps: option('--warm-up <n>', integer(0), 'raises the learning rate from 0 over n steps', {
    default: 0,
  }),
  clipNorm: option('--clip <x>', orInf(positive), 'shortens gradients to this norm', {
    default: 1,
    no: [null, 'leaves gradients as long as they are'],
  }),
  dropout: option('--no-dropout', toggle, 'trains without dropout', {
    default: true,
    unset: "the model's, as transformers trains",
    value: false,
  }),
  evaluateEvery: option('--evaluate-every <n>', count, 'evaluates on dev every n steps', {
    unset: 'a tenth of all',
  }),
  patience: option('--patience <n>', count, 'stops after n evaluations without a better score'),
  /** Absent: prompts and the language-model head. */
  standard: option(
    '--standard <start>',
    oneOf(['random', 'probe']),
    'trains without a prompt: a classifier on the first token, which starts random or as a linear probe',
  ),
  trajectory: option(
    '--trajectory <step,…>',
    list(integer(0)),
    'keeps the parameters after these steps; 0 is the start',
  ),
});

/** Settings of a fine-tuning experiment; `config.json` holds them beside the `RunConfig`. */
export type FineTuneSettings = ValuesOf<typeof training.fields>;

/** All parameters, SGD, the middle of the protocol's grid (docs/theory.md, Fine-tuning). */
export const defaultFineTuneSettings: FineTuneSettings = defaultsOf(training.fields);
