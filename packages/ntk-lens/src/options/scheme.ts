import type { PretrainingScheme } from '@ntk-lens/tensor-programs';
import { type Fields, group, option } from './declare.js';
import { integer, type Kind, list, listOrNone, number, oneOf, seed } from './kinds.js';

const count = integer(1);
const optimizers: Kind<PretrainingScheme['optimizer']> = oneOf(['adam', 'sgd']);

/** The part of a scheme that options set. */
export type SchemeSettings = Omit<PretrainingScheme, 'feedForward'>;

/** The widths and seeds of a ladder, and the scheme of its pre-training, with the defaults of a command. */
export const schemeGroups = (
  ladder: { readonly widths: readonly number[]; readonly seeds: readonly number[] },
  scheme: SchemeSettings,
) =>
  [
    group('command', 'Ladder', {
      widths: option('--widths <n,…>', list(count), 'trains models of these hidden sizes', {
        default: [...ladder.widths],
      }),
      seeds: option(
        '--seed, --seeds <n,…>',
        list(seed),
        'draws initial weights and the order of texts by these seeds',
        { default: [...ladder.seeds] },
      ),
    }),
    group('scheme', 'Scheme', {
      parametrization: option(
        '--parametrization <name>',
        oneOf(['standard', 'ntk', 'mean-field', 'mup']),
        'scales initial weights and learning rates with width by standard, ntk or mup; mean-field is defined for one hidden layer only',
        { default: scheme.parametrization },
      ),
      baseWidth: option('--base-width <n>', count, 'sets the width at which all parametrizations agree', {
        default: scheme.baseWidth,
      }),
      zero: option(
        '--zero <part,…>',
        listOrNone(oneOf(['output', 'query'])),
        'starts these weights at 0: output, query, or none',
        { default: [...scheme.zero] },
      ),
      optimizer: option('--optimizer <name>', optimizers, 'trains by adam or sgd', {
        default: scheme.optimizer,
      }),
      learningRate: option('--lr <x>', number({ above: 0 }), 'sets the learning rate at the base width', {
        default: scheme.learningRate,
      }),
      steps: option('--steps <n>', count, 'takes n optimizer steps', { default: scheme.steps }),
      batchSize: option('--batch <n>', count, 'takes n texts per step', { default: scheme.batchSize }),
      layers: option('--layers <n>', count, 'stacks n transformer blocks', { default: scheme.layers }),
      heads: option('--heads <n>', count, 'splits attention into n heads, whose size grows with width', {
        default: scheme.heads,
      }),
      languageSeed: option(
        '--language-seed <n>',
        integer(0, 2 ** 32 - 2),
        'generates the corpus by this seed',
        {
          default: scheme.languageSeed,
        },
      ),
    } satisfies { readonly [K in keyof SchemeSettings]: Fields[string] }),
  ] as const;

/** What `pretrain` takes that is asked for nothing: the default scheme of @ntk-lens/tensor-programs. */
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
