import type { TaskSpec } from '../spec/task-spec.js';
import { glue, inference, pair, templates } from './families.js';

const follows = {
  ...pair,
  // Entailment first, unlike in every other task where No comes before Yes: the order of LM-Kernel-FT.
  labels: ['entailment', 'not_entailment'],
  labelWords: { entailment: 'Yes', not_entailment: 'No' },
  template: templates.askPair,
  metrics: ['accuracy'],
} as const;
const paraphrase = {
  ...pair,
  labels: ['0', '1'],
  labelWords: { 0: 'No', 1: 'Yes' },
  template: templates.samePair,
  metrics: ['f1', 'accuracy'],
  maxLength: 128,
} as const;

/**
 * Sentence-pair tasks. Labels are in the order of LM-Kernel-FT (`get_labels` of its processors), so that the axes of its
 * stored kernels are those of ours.
 */
export const pairTasks: readonly TaskSpec[] = [
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
    ...pair,
    kind: 'regression',
    name: 'STS-B',
    displayName: 'STS-B',
    labels: ['0', '1'],
    labelWords: { 0: 'No', 1: 'Yes' },
    template: templates.samePair,
    metrics: ['pearson', 'spearman'],
    maxLength: 128,
    range: [0, 5],
    files: glue('STS-B', ['sentence1', 'sentence2'], 'score'),
  },
];
