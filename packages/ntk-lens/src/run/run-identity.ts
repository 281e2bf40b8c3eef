import { describeFormula } from '@ntk-lens/kernels/formulas';
import type { Verbalizer } from '@ntk-lens/prompts';
import { hasOwnLabels } from '../data/own-task.js';
import type { RunConfig } from '../options/run-config.js';
import type { CellKey } from './cell-keys.js';
import { isFull, spaceSeedOf } from './chosen-spaces.js';
import type { PreparedTask } from './prepare-task.js';
import { gridsOf } from './solver-candidates.js';
import type { RunIdentity } from './store/run-directory.js';

const wordsOf = (verbalizer: Verbalizer): Record<string, string> =>
  Object.fromEntries(verbalizer.words.map(({ label, word }) => [label, word]));

/** How label words are read, and what stands beside the example; left out where it is the default. */
const promptIdentity = (config: RunConfig): Record<string, unknown> => ({
  ...(config.labelRule && config.labelRule !== 'single' && { labelRule: config.labelRule }),
  ...(config.demonstrations && { demonstrations: config.demonstrations }),
  ...(config.maxLength !== undefined && { maxLength: config.maxLength }),
  ...(config.firstSentenceLimit !== undefined && { firstSentenceLimit: config.firstSentenceLimit }),
  ...(config.otherSentenceLimit !== undefined && { otherSentenceLimit: config.otherSentenceLimit }),
  ...(config.truncateHead && { truncateHead: true }),
});

/** Labels in the order of logits, and that they are the user's own, where they are. */
const labelIdentity = (config: RunConfig, { labels }: PreparedTask['task']): Record<string, unknown> => ({
  labels,
  ...(hasOwnLabels(config) && { labelsFrom: 'mapping' }),
});

/** The identity of one k-shot sample with one formula and space, as its manifest records it. */
export const cellIdentity = (
  config: RunConfig,
  { task, template }: PreparedTask,
  verbalizer: Verbalizer,
  { data, formula, space }: CellKey,
  modelHash: string | undefined,
  solve: boolean,
): RunIdentity => ({
  kernel: {
    kind: 'kernel',
    task: task.name,
    shots: data.shots,
    seed: data.seed,
    ...(config.limitTest !== undefined && { limitTest: config.limitTest }),
    ...(data.withoutPrompt
      ? { template: null, head: 'linear-probe' }
      : { template: template.source, labelWords: wordsOf(verbalizer) }),
    ...labelIdentity(config, task),
    metrics: task.metrics,
    formula: describeFormula(formula),
    binary: config.binary,
    space: space.spec,
    ...(!isFull(space) && { spaceSeed: spaceSeedOf(config, data) }),
    ...promptIdentity(config),
    ...(config.parameters && { parameters: config.parameters }),
    tied: config.tied,
    keepNoise: config.keepNoise,
    dataHash: data.hash,
    ...(config.runtime !== 'auto' && { runtime: config.runtime }),
    ...(modelHash !== undefined && { modelHash }),
  },
  ...(solve && { solve: { ...gridsOf(config) } }),
});

/** The identity of a directory that holds several samples or formulas, each in a folder of its own. */
export const collectionIdentity = (
  config: RunConfig,
  { task, template }: PreparedTask,
  verbalizer: Verbalizer,
  modelHash: string | undefined,
  solve: boolean,
): RunIdentity => ({
  kernel: {
    kind: 'collection',
    task: task.name,
    template: template.source,
    labelWords: wordsOf(verbalizer),
    ...labelIdentity(config, task),
    binary: config.binary,
    ...promptIdentity(config),
    ...(config.parameters && { parameters: config.parameters }),
    tied: config.tied,
    keepNoise: config.keepNoise,
    ...(modelHash !== undefined && { modelHash }),
  },
  ...(solve && { solve: { ...gridsOf(config) } }),
});
