import type { PretrainingScheme } from '@ntk-lens/tensor-programs';
import { type Command, Option } from 'commander';
import { integer, integers, oneOf, positives, seeds } from './parse-value.js';

/** Options of a pre-training scheme, as commander gives them. */
export interface SchemeFlags {
  readonly widths?: readonly number[];
  readonly seeds?: readonly number[];
  readonly parametrization?: PretrainingScheme['parametrization'];
  readonly baseWidth?: number;
  readonly zero?: readonly ('output' | 'query')[];
  readonly optimizer?: PretrainingScheme['optimizer'];
  readonly lr?: readonly number[];
  readonly steps?: number;
  readonly batch?: number;
  readonly layers?: number;
  readonly heads?: number;
  readonly languageSeed?: number;
  readonly runtime?: string;
  readonly threads?: number;
}

const zeros = (text: string): readonly ('output' | 'query')[] =>
  text === 'none' ? [] : text.split(',').map(oneOf(['output', 'query']));

/** Defaults that the help names. */
export interface SchemeDefaults {
  readonly widths: string;
  readonly seeds: string;
  readonly zero: string;
  readonly steps: number;
  readonly lr: number;
}

/** Adds the options that say what is trained at which widths, and where. */
export const addSchemeOptions = (command: Command, defaults: SchemeDefaults): Command =>
  command
    .optionsGroup('Ladder:')
    .option('--widths <n,…>', `hidden sizes (default: ${defaults.widths})`, integers(1))
    .option(
      '--seed, --seeds <n,…>',
      `of the initial weights and the order of texts (default: ${defaults.seeds})`,
      seeds,
    )
    .optionsGroup('Scheme:')
    .addOption(
      new Option(
        '--parametrization <name>',
        'how initial weights and learning rates go with width: standard, ntk or mup; mean-field is defined for one hidden layer only (default: mup)',
      ).argParser(oneOf(['standard', 'ntk', 'mean-field', 'mup'])),
    )
    .option('--base-width <n>', 'width at which all parametrizations are one (default: 64)', integer(1))
    .option(
      '--zero <part,…>',
      `weights that start at 0: output, query, or none (default: ${defaults.zero})`,
      zeros,
    )
    .addOption(
      new Option('--optimizer <name>', 'adam or sgd (default: adam)').argParser(oneOf(['adam', 'sgd'])),
    )
    .option('--lr <x>', `learning rate at the base width (default: ${defaults.lr})`, positives)
    .option('--steps <n>', `optimizer steps (default: ${defaults.steps})`, integer(1))
    .option('--batch <n>', 'texts per step (default: 48)', integer(1))
    .option('--layers <n>', 'transformer layers (default: 2)', integer(1))
    .option('--heads <n>', 'attention heads, whose size grows with width (default: 4)', integer(1))
    .option('--language-seed <n>', 'of the corpus (default: 0)', integer(0, 2 ** 32 - 2))
    .optionsGroup('Machine:')
    .option('--runtime <name>', 'what computes (default: auto, the fastest that works here)')
    .option('--threads <n>', 'CPU threads (default: all cores)', integer(1));

/** These flags over a scheme. */
export const schemeFrom = (flags: SchemeFlags, base: PretrainingScheme): PretrainingScheme => {
  const { parametrization, baseWidth, zero, optimizer, lr, steps, batch, layers, heads, languageSeed } =
    flags;
  const given = {
    ...{ parametrization, baseWidth, optimizer, steps, layers, heads, languageSeed },
    zero: zero && [...zero],
    learningRate: lr?.[0],
    batchSize: batch,
  };
  return {
    ...base,
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Partial<PretrainingScheme>),
  };
};
