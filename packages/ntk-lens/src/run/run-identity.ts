import { describeFormula } from '@ntk-lens/kernels/formulas';
import type { Verbalizer } from '@ntk-lens/prompts';
import { hasOwnLabels } from '../data/own-task.js';
import { kernel, machine, prompt, task as sampling } from '../options/all.js';
import { identityOf } from '../options/identity.js';
import type { RunConfig } from '../options/run-config.js';
import type { CellKey } from './cell-keys.js';
import { isFull, spaceSeedOf } from './chosen-spaces.js';
import type { PreparedTask } from './prepare-task.js';
import { gridsOf } from './solver-candidates.js';
import type { RunIdentity } from './store/run-directory.js';

const wordsOf = (verbalizer: Verbalizer): Record<string, string> =>
  Object.fromEntries(verbalizer.words.map(({ label, word }) => [label, word]));

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
    ...identityOf(config, sampling),
    ...(data.withoutPrompt
      ? { template: null, head: 'linear-probe' }
      : { template: template.source, labelWords: wordsOf(verbalizer) }),
    ...labelIdentity(config, task),
    metrics: task.metrics,
    formula: describeFormula(formula),
    space: space.spec,
    ...(!isFull(space) && { spaceSeed: spaceSeedOf(config, data) }),
    ...identityOf(config, prompt, kernel),
    dataHash: data.hash,
    ...identityOf(config, machine),
    ...(modelHash !== undefined && { modelHash }),
  },
  solve: solve ? { ...gridsOf(config) } : undefined,
  sources: config.sources,
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
    ...identityOf(config, prompt, kernel),
    ...(modelHash !== undefined && { modelHash }),
  },
  solve: solve ? { ...gridsOf(config) } : undefined,
  sources: config.sources,
});
