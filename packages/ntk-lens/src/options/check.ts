import { checkedOptimizers, defaultCheck } from '@ntk-lens/lens/defaults';
import { defaultsOf, group, option, type ValuesOf } from './declare.js';
import { integer, list, number, oneOf, orInf, toggle } from './kinds.js';
import { spaceName } from './names.js';

const count = integer(1);
const rates = list(number({ above: 0 }));

/** The fine-tuning of a check. */
export const checkTraining = group('check', 'Fine-tuning', {
  optimizers: option('--optimizer <name,…>', list(oneOf(checkedOptimizers)), 'checks these optimizers', {
    default: [...checkedOptimizers],
  }),
  space: option('--space <name>', spaceName, 'moves parameters in a space: full, lora:r=8, …', {
    default: defaultCheck.space,
  }),
  sgdRates: option('--sgd-lr <x,…>', rates, 'chooses the learning rate of SGD on dev', {
    default: [...defaultCheck.sgdRates],
  }),
  adamRates: option('--adam-lr <x,…>', rates, 'chooses the learning rate of Adam on dev', {
    default: [...defaultCheck.adamRates],
  }),
  batchSizes: option('--batch <n,…>', list(count), 'chooses the examples per batch on dev', {
    default: [...defaultCheck.batchSizes],
  }),
  steps: option('--steps <n>', count, 'takes n optimizer steps', {
    default: defaultCheck.steps,
  }),
  clipNorm: option('--no-clip', orInf(number({ above: 0 })), 'does not clip gradients', {
    default: defaultCheck.clipNorm,
    value: null,
    unset: 'clipped to norm 1',
  }),
  dropout: option('--no-dropout', toggle, 'trains without dropout', {
    default: defaultCheck.dropout,
    value: false,
    unset: "the model's",
  }),
});

/** The steps and the examples on which a check measures. */
export const measured = group('check', 'Measurements', {
  trajectory: option(
    '--trajectory <step,…>',
    list(count),
    'measures at these steps; two consecutive ones give a single step',
    { default: [...defaultCheck.trajectory], unset: 'the first, and two at an eighth, a half and the end' },
  ),
  earlySteps: option('--early-steps <n>', count, 'compares the first n steps of Adam with SignGD', {
    default: defaultCheck.earlySteps,
  }),
  /** θ_T is looked at on all of them. */
  probes: option('--probes <n>', count, 'measures the trajectory on n test examples', {
    default: defaultCheck.probes,
  }),
});

/**
 * The options of a check by the fields that its `config.json` has for them, in addition to those of the run.
 */
export const checkFields = { ...checkTraining.fields, ...measured.fields };

/** Settings of a check; `config.json` holds them in addition to the `RunConfig`. */
export type CheckSettings = ValuesOf<typeof checkFields>;

/** All parameters, both optimizers at the middle of the protocol's grid (docs/theory.md, Fine-tuning), 100 steps. */
export const defaultCheckSettings: CheckSettings = defaultsOf(checkFields);
