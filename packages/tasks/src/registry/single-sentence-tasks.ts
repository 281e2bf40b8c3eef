import type { TaskSpec } from '../spec/task-spec.js';
import { csv, glue, single, templates } from './families.js';

const polarity = {
  ...single,
  labels: ['0', '1'],
  labelWords: { 0: 'terrible', 1: 'great' },
  template: templates.itWas,
  metrics: ['accuracy'],
  maxLength: 128,
} as const;

const agNewsCsv = csv('ag_news', 2);

/** Single-sentence tasks. */
export const singleSentenceTasks: readonly TaskSpec[] = [
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
    template: templates.itWas,
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
    template: templates.thisIs,
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
    template: templates.aboutNews,
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
    ...single,
    name: 'CoLA',
    displayName: 'CoLA',
    labels: ['0', '1'],
    labelWords: { 0: 'incorrect', 1: 'correct' },
    template: templates.thisIs,
    metrics: ['matthews'],
    maxLength: 128,
    files: glue('CoLA', [3], 1, { header: false }),
  },
];
