import type { PretrainingScheme } from '@ntk-lens/tensor-programs';
import { type Fields, group, option } from './declare.js';
import { integer, type Kind, list, listOrNone, number, oneOf, seed } from './kinds.js';

const count = integer(1);
const optimizers: Kind<PretrainingScheme['optimizer']> = oneOf(['adam', 'sgd']);
const parametrizations = oneOf(['standard', 'ntk', 'mean-field', 'mup']);
const positive = number({ above: 0 });
const zero = listOrNone(oneOf(['output', 'query']));
const language = integer(0, 2 ** 32 - 2);

/** The part of a scheme that options set. */
export type SchemeSettings = Omit<PretrainingScheme, 'feedForward'>;

/** The widths and seeds of a ladder, and the scheme of its pre-training, with the defaults of a command. */
export const schemeGroups = (widths: readonly number[], seeds: readonly number[], usual: SchemeSettings) =>
  [
    group('command', 'Ladder', {
      widths: option('--widths <n,…>', list(count), 'trains models of these hidden sizes', {
        default: [...widths],
      }),
      seeds: option(
        '--seed, --seeds <n,…>',
        list(seed),
        'draws initial weights and the order of texts by these seeds',
        {
          default: [...seeds],
        },
      ),
    }),
    group('scheme', 'Scheme', {
      parametrization: option(
        '--parametrization <name>',
        parametrizations,
        'scales weights and rates with width (mean-field: only of one hidden layer)',
        {
          default: usual.parametrization,
        },
      ),
      baseWidth: option('--base-width <n>', count, 'sets the width at which all parametrizations agree', {
        default: usual.baseWidth,
      }),
      zero: option('--zero <part,…>', zero, 'starts these weights at 0', { default: [...usual.zero] }),
      optimizer: option('--optimizer <name>', optimizers, 'trains with this optimizer', {
        default: usual.optimizer,
      }),
      learningRate: option('--lr <x>', positive, 'sets the rate at the base width', {
        default: usual.learningRate,
      }),
      steps: option('--steps <n>', count, 'takes n optimizer steps', { default: usual.steps }),
      batchSize: option('--batch <n>', count, 'takes n texts per step', { default: usual.batchSize }),
      layers: option('--layers <n>', count, 'stacks n transformer layers', { default: usual.layers }),
      heads: option('--heads <n>', count, 'splits attention into n heads', { default: usual.heads }),
      languageSeed: option('--language-seed <n>', language, 'generates the corpus by this seed', {
        default: usual.languageSeed,
      }),
    } satisfies { readonly [K in keyof SchemeSettings]: Fields[string] }),
  ] as const;

/** The scheme of `pretrain` without options: the default scheme of @ntk-lens/tensor-programs. */
export const pretrainingScheme: SchemeSettings = {
  parametrization: 'mup',
  baseWidth: 64,
  zero: [],
  optimizer: 'adam',
  learningRate: 4e-3,
  steps: 600,
  batchSize: 48,
  layers: 2,
  heads: 4,
  languageSeed: 0,
};

/** The scheme of `coordinates` without options: a few steps at a high rate, where the random part of the output hides nothing. */
export const coordinatesScheme: SchemeSettings = {
  ...pretrainingScheme,
  ...{ zero: ['output'], learningRate: 0.01, baseWidth: 32, batchSize: 16, steps: 4 },
};
