import type { SplitName } from '@ntk-lens/core';
import type { TableFormat } from '../read/table-format.js';
import type { TaskFiles, TaskSpec } from './task-spec.js';

const itWas = '*cls**sent_0*_It_was*mask*.*sep+*';
const thisIs = '*cls**sent_0*_This_is*mask*.*sep+*';
const aboutNews = '*cls**sent_0*_This_article_is_about*mask*_news.*sep+*';
const askPair = '*cls**sent-_0*?*mask*,*+sentl_1**sep+*';
const samePair = '*cls**sent_0**mask*,*+sentl_1**sep+*';

const usualNames: Record<SplitName, readonly string[]> = { train: ['train'], dev: ['dev'], test: ['test'] };

const glue = (
  directory: string,
  textColumns: readonly (string | number)[],
  labelColumn: string | number,
  options: Partial<TableFormat & Pick<TaskFiles, 'names'>> = {},
): TaskFiles => {
  const { names = usualNames, ...format } = options;
  return {
    directory,
    names,
    formats: [
      {
        extension: 'tsv',
        format: { type: 'tsv', header: true, allowBlankText: true, textColumns, labelColumn, ...format },
      },
    ],
  };
};

const csv = (directory: string, textColumn = 1): TaskFiles => ({
  directory,
  names: usualNames,
  formats: [
    {
      extension: 'csv',
      format: { type: 'csv', header: false, allowBlankText: true, textColumns: [textColumn], labelColumn: 0 },
    },
  ],
});

const single = { kind: 'classification', textsPerExample: 1, aliases: [], embedded: false } as const;
const pair = { ...single, textsPerExample: 2 } as const;
const polarity = {
  ...single,
  labels: ['0', '1'],
  labelWords: { 0: 'terrible', 1: 'great' },
  template: itWas,
  metrics: ['accuracy'],
  maxLength: 128,
} as const;
const inference = {
  ...pair,
  labels: ['contradiction', 'entailment', 'neutral'],
  labelWords: { contradiction: 'No', entailment: 'Yes', neutral: 'Maybe' },
  template: askPair,
  metrics: ['accuracy'],
  maxLength: 256,
} as const;
const follows = {
  ...pair,
  labels: ['not_entailment', 'entailment'],
  labelWords: { not_entailment: 'No', entailment: 'Yes' },
  template: askPair,
  metrics: ['accuracy'],
} as const;
const paraphrase = {
  ...pair,
  labels: ['0', '1'],
  labelWords: { 0: 'No', 1: 'Yes' },
  template: samePair,
  metrics: ['f1', 'accuracy'],
  maxLength: 128,
} as const;

const agNewsCsv = csv('ag_news', 2);

/**
 * The tasks of PAPER §3 with LM-BFF's templates, label words and limits, CoLA, STS-B, both versions of SST-2 and CR,
 * and the tasks that come with this package.
 *
 * The authors' program orders the labels of QNLI and RTE the other way round (entailment first): turn the label
 * axes of its stored kernels before comparing.
 */
export const tasks: readonly TaskSpec[] = [
  { ...polarity, name: 'SST-2', displayName: 'SST-2', files: glue('SST-2', ['sentence'], 'label') },
  {
    ...polarity,
    name: 'SST-2-original',
    displayName: 'SST-2 (LM-BFF)',
    aliases: ['SST-2-lmbff'],
    files: { ...glue('SST-2', ['sentence'], 'label'), originalDirectory: 'SST-2-original' },
  },
  {
    ...single,
    name: 'sst-5',
    displayName: 'SST-5',
    labels: ['0', '1', '2', '3', '4'],
    labelWords: { 0: 'terrible', 1: 'bad', 2: 'okay', 3: 'good', 4: 'great' },
    template: itWas,
    metrics: ['accuracy'],
    maxLength: 128,
    files: csv('sst-5'),
  },
  {
    ...polarity,
    name: 'mr',
    displayName: 'MR',
    firstSentenceLimit: 110,
    otherSentenceLimit: 50,
    files: csv('mr'),
  },
  {
    ...polarity,
    name: 'cr',
    displayName: 'CR',
    firstSentenceLimit: 110,
    otherSentenceLimit: 50,
    files: csv('cr'),
  },
  {
    ...polarity,
    name: 'cr-lmbff',
    displayName: 'CR (LM-BFF)',
    aliases: ['cr-original'],
    firstSentenceLimit: 110,
    otherSentenceLimit: 50,
    files: { ...csv('cr'), originalDirectory: 'cr-lmbff' },
  },
  { ...polarity, name: 'mpqa', displayName: 'MPQA', firstSentenceLimit: 110, files: csv('mpqa') },
  {
    ...single,
    name: 'subj',
    displayName: 'Subj',
    labels: ['0', '1'],
    labelWords: { 0: 'subjective', 1: 'objective' },
    template: thisIs,
    metrics: ['accuracy'],
    maxLength: 128,
    firstSentenceLimit: 110,
    otherSentenceLimit: 50,
    files: csv('subj'),
  },
  {
    ...single,
    name: 'trec',
    displayName: 'TREC',
    labels: ['0', '1', '2', '3', '4', '5'],
    labelWords: {
      0: 'Description',
      1: 'Entity',
      2: 'Expression',
      3: 'Human',
      4: 'Location',
      5: 'Number',
    },
    template: '*cls**mask*:*+sent_0**sep+*',
    metrics: ['accuracy'],
    maxLength: 128,
    firstSentenceLimit: 110,
    files: csv('trec'),
  },
  {
    ...single,
    name: 'ag_news',
    displayName: 'AG News',
    labels: ['1', '2', '3', '4'],
    labelWords: { 1: 'world', 2: 'sports', 3: 'business', 4: 'tech' },
    template: aboutNews,
    metrics: ['accuracy'],
    maxLength: 256,
    firstSentenceLimit: 240,
    files: {
      ...agNewsCsv,
      formats: [
        ...agNewsCsv.formats,
        {
          // RLPrompt's files: a header, and labels from 0.
          extension: 'tsv',
          format: {
            type: 'tsv',
            header: true,
            textColumns: ['text'],
            labelColumn: 'label',
            labelMap: { 0: '1', 1: '2', 2: '3', 3: '4' },
          },
        },
      ],
    },
  },
  {
    ...inference,
    name: 'MNLI',
    displayName: 'MNLI',
    firstSentenceLimit: 240,
    files: glue('MNLI', ['sentence1', 'sentence2'], -1, {
      names: { train: ['train'], dev: ['dev_matched', 'dev'], test: ['test_matched', 'test'] },
    }),
  },
  {
    ...inference,
    name: 'SNLI',
    displayName: 'SNLI',
    // Rows may have more columns than the header (each annotator's label); the gold label is the last.
    files: glue('SNLI', ['sentence1', 'sentence2'], -1),
  },
  {
    ...follows,
    name: 'QNLI',
    displayName: 'QNLI',
    maxLength: 128,
    files: glue('QNLI', ['question', 'sentence'], 'label'),
  },
  {
    ...follows,
    name: 'RTE',
    displayName: 'RTE',
    maxLength: 256,
    firstSentenceLimit: 240,
    files: glue('RTE', ['sentence1', 'sentence2'], 'label'),
  },
  {
    ...paraphrase,
    name: 'MRPC',
    displayName: 'MRPC',
    files: glue('MRPC', ['#1 String', '#2 String'], 'Quality'),
  },
  {
    ...paraphrase,
    name: 'QQP',
    displayName: 'QQP',
    files: glue('QQP', ['question1', 'question2'], 'is_duplicate', { skipShortRows: true }),
  },
  {
    ...single,
    name: 'CoLA',
    displayName: 'CoLA',
    labels: ['0', '1'],
    labelWords: { 0: 'incorrect', 1: 'correct' },
    template: thisIs,
    metrics: ['matthews'],
    maxLength: 128,
    files: glue('CoLA', [3], 1, { header: false }),
  },
  {
    ...pair,
    kind: 'regression',
    name: 'STS-B',
    displayName: 'STS-B',
    labels: ['0', '1'],
    labelWords: { 0: 'No', 1: 'Yes' },
    template: samePair,
    metrics: ['pearson', 'spearman'],
    maxLength: 128,
    range: [0, 5],
    files: glue('STS-B', ['sentence1', 'sentence2'], 'score'),
  },
  {
    ...single,
    name: 'sentiment',
    displayName: 'Sentiment (embedded)',
    labels: ['negative', 'positive'],
    labelWords: { negative: 'terrible', positive: 'great' },
    template: itWas,
    metrics: ['accuracy'],
    maxLength: 128,
    embedded: true,
  },
  {
    ...single,
    name: 'topic',
    displayName: 'Topic (embedded)',
    labels: ['world', 'sports', 'business', 'technology'],
    labelWords: { world: 'world', sports: 'sports', business: 'business', technology: 'technology' },
    template: aboutNews,
    metrics: ['accuracy'],
    maxLength: 128,
    embedded: true,
  },
  {
    ...inference,
    name: 'entailment',
    displayName: 'Entailment (embedded)',
    labelWords: { contradiction: 'no', entailment: 'yes', neutral: 'maybe' },
    maxLength: 128,
    embedded: true,
  },
];
