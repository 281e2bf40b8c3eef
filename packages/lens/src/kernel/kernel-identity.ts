import { withoutUndefined } from '@ntk-lens/core';
import { describeFormula } from '@ntk-lens/kernels/formulas';
import type { Verbalizer } from '@ntk-lens/prompts';
import { isFull } from '@ntk-lens/subspace';
import type { LensTask } from '../task/lens-task.js';
import { hasOwnLabels } from '../task/own-task.js';
import type { KernelIdentity } from './kernel.js';
import type { ResolvedChoice } from './kernel-choice.js';
import type { KernelChoice } from './kernel-options.js';

/** Label words by label. */
const wordsOf = ({ words }: Verbalizer): Record<string, string> =>
  Object.fromEntries(words.map(({ label, word }) => [label, word]));

/** The reading of label words, and the text that surrounds the example; defaults are left out. */
const promptIdentity = ({ asked }: Pick<LensTask, 'asked'>): KernelIdentity => {
  const { labelRule, demonstrations, maxLength, firstSentenceLimit, otherSentenceLimit, truncateHead } =
    asked;
  return {
    labelRule: labelRule === 'single' ? undefined : labelRule,
    ...{ demonstrations, maxLength, firstSentenceLimit, otherSentenceLimit },
    truncateHead: truncateHead || undefined,
  };
};

/** Labels in the order of logits, and that they are the user's own, where they are. */
export const labelIdentity = ({ spec, asked }: Pick<LensTask, 'spec' | 'asked'>): KernelIdentity => ({
  labels: spec.labels,
  labelsFrom: hasOwnLabels(asked) ? 'mapping' : undefined,
});

/**
 * Everything that a kernel's numbers depend on, as manifests record it: two kernels with equal identities are equal.
 *
 * @example
 * ```ts
 * const choice = resolveChoice(task, { formula: 'signgd' }, parseSpace('full'));
 * kernelIdentity(task, choice, { modelHash: await lens.model.hash(), runtime: 'auto' });
 * // { kind: 'kernel', task: 'SST-2', formula: 'signgd', … }
 * ```
 * @param of hash of the model, once it is known; the runtime, where it was named
 */
export const kernelIdentity = (
  task: LensTask,
  { formula, space, spaceSeed, binary, parameters, tied, keepNoise }: ResolvedChoice,
  { modelHash, runtime }: { readonly modelHash?: string; readonly runtime: string },
): KernelIdentity =>
  withoutUndefined({
    kind: 'kernel',
    task: task.spec.name,
    shots: task.shots,
    seed: task.seed,
    limitTest: task.asked.limitTest,
    ...(task.prompt
      ? { template: task.spec.template, labelWords: wordsOf(task.prompt.verbalizer) }
      : { template: null, head: 'linear-probe' }),
    ...labelIdentity(task),
    metrics: task.spec.metrics,
    formula: describeFormula(formula),
    binary,
    space: space.spec,
    spaceSeed: isFull(space) ? undefined : spaceSeed,
    ...promptIdentity(task),
    ...{ parameters, tied, keepNoise },
    dataHash: task.hash,
    runtime: runtime === 'auto' ? undefined : runtime,
    modelHash,
  });

/**
 * Everything that the kernels of several samples, formulas and spaces share, as the manifest of their directory records it.
 *
 * @internal
 */
export const collectionIdentity = (
  task: LensTask,
  { binary, parameters, tied, keepNoise }: Pick<KernelChoice, 'binary' | 'parameters' | 'tied' | 'keepNoise'>,
  modelHash: string | undefined,
): KernelIdentity =>
  withoutUndefined({
    kind: 'collection',
    task: task.spec.name,
    template: task.spec.template,
    labelWords: task.prompt && wordsOf(task.prompt.verbalizer),
    ...labelIdentity(task),
    binary,
    ...promptIdentity(task),
    ...{ parameters, tied, keepNoise, modelHash },
  });
