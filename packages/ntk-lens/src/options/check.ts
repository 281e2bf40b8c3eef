import { checkedOptimizers, defaultTrajectory } from '@ntk-lens/lens/defaults';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { defaultsOf, group, option, type ValuesOf } from './declare.js';
import { integer, list, number, oneOf, orInf, toggle } from './kinds.js';
import { spaceName } from './names.js';

const count = integer(1);
const rates = list(number({ above: 0 }));

/** How the fine-tuning is done that a check looks at. */
export const checkTraining = group('check', 'Fine-tuning', {
  optimizers: option('--optimizer <name,…>', list(oneOf(checkedOptimizers)), 'checks optimizers', {
    default: [...checkedOptimizers],
  }),
  space: option('--space <name>', spaceName, 'moves parameters in a space: full, lora:r=8, …', {
    default: 'full',
  }),
  sgdRates: option('--sgd-lr <x,…>', rates, 'chooses the learning rate of SGD on dev', {
    default: [optimizerNamed('sgd').learningRate],
  }),
  adamRates: option('--adam-lr <x,…>', rates, 'chooses the learning rate of Adam on dev', {
    default: [optimizerNamed('adam').learningRate],
  }),
  batchSizes: option('--batch <n,…>', list(count), 'chooses the examples per batch on dev', { default: [8] }),
  steps: option('--steps <n>', count, 'takes n optimizer steps', { default: 100 }),
  clipNorm: option('--no-clip', orInf(number({ above: 0 })), 'leaves gradients as long as they are', {
    default: 1,
    value: null,
    unset: 'clipped to norm 1',
  }),
  dropout: option('--no-dropout', toggle, 'trains without dropout', {
    default: true,
    value: false,
    unset: "the model's",
  }),
});

/** The steps and the examples on which a check measures. */
export const measured = group('check', 'Measurements', {
  trajectory: option(
    '--trajectory <step,…>',
    list(count),
    'looks at these steps; pairs in a row as single steps',
    { default: defaultTrajectory(100), unset: 'the first, and two at an eighth, a half and the end' },
  ),
  earlySteps: option('--early-steps <n>', count, 'compares the first n steps of Adam with SignGD', {
    default: 8,
  }),
  /** θ_T is looked at on all of them. */
  probes: option('--probes <n>', count, 'measures the trajectory on n test examples', { default: 64 }),
});

/** The options of a check by the fields that its `config.json` has for them, beside those of the run. */
export const checkFields = { ...checkTraining.fields, ...measured.fields };

/** Settings of a check; `config.json` holds them beside the `RunConfig`. */
export type CheckSettings = ValuesOf<typeof checkFields>;

/** All parameters, both optimizers at the middle of the protocol's grid (docs/theory.md, Fine-tuning), 100 steps. */
export const defaultCheckSettings: CheckSettings = defaultsOf(checkFields);
