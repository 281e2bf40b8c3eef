import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConflictingOptionsError } from './errors.js';
import { integer } from './parse-value.js';
import type { RunConfig } from './run-config.js';

/** Options that say how own data are read and how prompts are made, as commander gives them. */
export interface PromptingFlags {
  readonly textColumns?: readonly (string | number)[];
  readonly labelColumn?: string | number;
  readonly labelRule?: NonNullable<RunConfig['labelRule']>;
  readonly demonstrations?: number;
  readonly demoSeed?: number;
  readonly demoSamples?: number;
  readonly demoFilter?: number;
  readonly calibrate?: boolean;
  readonly maxLength?: number;
  readonly firstSentenceLimit?: number;
  readonly otherSentenceLimit?: number;
  readonly truncateHead?: boolean;
}

const column = (text: string): string | number => {
  const name = text.trim();
  if (name === '') throw new InvalidArgumentError('Expected column names or numbers from 0.');
  return /^\d+$/.test(name) ? Number(name) : name;
};

const columns = (text: string): readonly (string | number)[] => {
  const list = text.split(',').map(column);
  if (list.length > 2) throw new InvalidArgumentError('Expected one column, or two for pairs of texts.');
  return list;
};

const share = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number above 0, at most 1.');
};

/** Adds options for own data, label words of several tokens, demonstrations and calibration. */
export const addPromptingOptions = (command: Command): Command =>
  command
    .optionsGroup('Own data:')
    .option(
      '--text-columns <name,…>',
      'columns of the texts, or numbers from 0 without a header (default: text)',
      columns,
    )
    .option('--label-column <name>', 'column of the label (default: label)', column)
    .optionsGroup('Prompt:')
    .addOption(
      new Option(
        '--label-rule <name>',
        'label words of several tokens: refused, their first token, or (zero-shot only) mean or joint log-probability (default: single)',
      ).choices(['single', 'first', 'mean', 'joint']),
    )
    .option(
      '--max-length <n>',
      "most tokens of a prompt (default: the task's, more for demonstrations)",
      integer(1),
    )
    .option(
      '--first-sentence-limit <n>',
      "most tokens of the first sentence (default: the task's)",
      integer(1),
    )
    .option('--other-sentence-limit <n>', "most tokens of other sentences (default: the task's)", integer(1))
    .option('--truncate-head', 'cut the beginning, not the end, of a prompt that is too long')
    .option('--demonstrations <n>', 'labelled examples per label in every prompt (default: none)', integer(1))
    .option('--demo-seed <n>', 'seed that draws them (default: 42)', integer(0, 2 ** 32 - 1))
    .option('--demo-samples <m>', 'contexts over which zero-shot is averaged (default: 1)', integer(1))
    .option(
      '--demo-filter <rate>',
      "keep this share of the candidates, the most similar by the model's embeddings",
      share,
    )
    .option('--calibrate', 'also contextually calibrated zero-shot');

/** These flags as fields of a configuration. */
export const promptingFields = (flags: PromptingFlags): Partial<Omit<RunConfig, 'mapping'>> => {
  const { textColumns, labelColumn, labelRule, demonstrations, calibrate } = flags;
  const { maxLength, firstSentenceLimit, otherSentenceLimit, truncateHead } = flags;
  const { demoSeed: seed = 42, demoSamples: samples = 1, demoFilter: filter } = flags;
  const needless = [flags.demoSeed, flags.demoSamples, flags.demoFilter].some((flag) => flag !== undefined);
  if (needless && demonstrations === undefined) {
    throw new ConflictingOptionsError(
      '--demo-seed, --demo-samples and --demo-filter say how demonstrations are drawn, but there are none.',
      'Add --demonstrations 1.',
    );
  }
  return {
    ...(textColumns && { textColumns: [...textColumns] }),
    ...(labelColumn !== undefined && { labelColumn }),
    ...(labelRule && { labelRule }),
    ...(maxLength !== undefined && { maxLength }),
    ...(firstSentenceLimit !== undefined && { firstSentenceLimit }),
    ...(otherSentenceLimit !== undefined && { otherSentenceLimit }),
    ...(truncateHead && { truncateHead }),
    ...(demonstrations !== undefined && {
      demonstrations: { perLabel: demonstrations, seed, samples, ...(filter !== undefined && { filter }) },
    }),
    ...(calibrate && { calibrate }),
  };
};
