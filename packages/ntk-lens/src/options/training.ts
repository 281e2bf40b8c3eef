import { defaultTraining } from '@ntk-lens/lens/defaults';
import { optimizerNames } from '@ntk-lens/subspace/optimizers';
import { defaultsOf, group, option, type ValuesOf } from './declare.js';
import { integer, list, number, oneOf, orInf, toggle } from './kinds.js';
import { spaceName } from './names.js';
import { rateDefaults, settingDefaults, takers } from './optimizer-help.js';

const count = integer(1);
const positive = number({ above: 0 });
const momentum = number({ least: 0, below: 1 });
const decay = number({ least: 0 });
const schedule = oneOf(['linear', 'constant']);
const start = oneOf(['random', 'probe']);

/** The settings of a fine-tuning. */
export const training = group('training', 'Training', {
  space: option('--space <name>', spaceName, 'moves parameters in a space: full, lora:r=8, …', {
    default: 'full',
  }),
  optimizer: option('--optimizer <name>', oneOf(optimizerNames), 'trains with this optimizer', {
    default: defaultTraining.optimizer,
  }),
  learningRates: option('--lr <x,…>', list(positive), 'chooses the learning rate on dev', {
    default: [...defaultTraining.learningRates],
    unset: rateDefaults(),
  }),
  batchSizes: option('--batch <n,…>', list(count), 'chooses the examples per batch on dev', {
    default: [...defaultTraining.batchSizes],
  }),
  accumulationSteps: option('--accumulate <n>', count, 'sums gradients of n batches for a step', {
    default: defaultTraining.accumulationSteps,
  }),
  steps: option('--steps <n>', count, 'takes n optimizer steps', { default: defaultTraining.steps }),
  momentum: option(
    '--momentum <x>',
    momentum,
    `sets the momentum of ${takers('momentum')}`,
    settingDefaults('momentum'),
  ),
  weightDecay: option('--weight-decay <x>', decay, 'sets the weight decay', settingDefaults('weightDecay')),
  schedule: option('--schedule <name>', schedule, 'lowers the rate to 0, or keeps it', {
    default: defaultTraining.schedule,
  }),
  warmUpSteps: option('--warm-up <n>', integer(0), 'raises the rate from 0 over n steps', {
    default: defaultTraining.warmUpSteps,
  }),
  clipNorm: option('--clip <x>', orInf(positive), 'clips gradients to this norm', {
    default: defaultTraining.clipNorm,
    no: [null, 'does not clip gradients'],
  }),
  dropout: option('--no-dropout', toggle, 'trains without dropout', {
    default: defaultTraining.dropout,
    value: false,
    unset: "the model's, as transformers trains",
  }),
  evaluateEvery: option('--evaluate-every <n>', count, 'evaluates on dev every n steps', 'a tenth of all'),
  patience: option('--patience <n>', count, 'stops after n evaluations without a better score'),
  /** Default: prompts and the language-model head. */
  standard: option(
    '--standard <start>',
    start,
    'trains a classifier without a prompt, from this initialization',
  ),
  trajectory: option(
    '--trajectory <step,…>',
    list(integer(0)),
    'keeps the parameters after these steps; 0 is θ₀',
  ),
});

/** Settings of a fine-tuning experiment; `config.json` holds them in addition to the `RunConfig`. */
export type FineTuneSettings = ValuesOf<typeof training.fields>;

/** All parameters, SGD, the middle of the protocol's grid (docs/theory.md, Fine-tuning). */
export const defaultFineTuneSettings: FineTuneSettings = defaultsOf(training.fields);
