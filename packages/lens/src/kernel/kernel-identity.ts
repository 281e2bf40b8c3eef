import { describeFormula } from '@ntk-lens/kernels/formulas';
import type { Verbalizer } from '@ntk-lens/prompts';
import { defined } from '../defined.js';
import type { LensTask } from '../task/lens-task.js';
import { hasOwnLabels } from '../task/own-task.js';
import type { KernelIdentity } from './kernel.js';
import { isFull, type ResolvedChoice } from './kernel-choice.js';

/** @internal Label words by label. */
export const wordsOf = ({ words }: Verbalizer): Record<string, string> =>
  Object.fromEntries(words.map(({ label, word }) => [label, word]));

/** @internal How label words are read, and what stands beside the example; left out where it is the default. */
export const promptIdentity = ({ asked }: Pick<LensTask, 'asked'>): KernelIdentity => {
  const { labelRule, demonstrations, maxLength, firstSentenceLimit, otherSentenceLimit, truncateHead } =
    asked;
  return {
    labelRule: labelRule === 'single' ? undefined : labelRule,
    ...{ demonstrations, maxLength, firstSentenceLimit, otherSentenceLimit },
    truncateHead: truncateHead || undefined,
  };
};

/** @internal Labels in the order of logits, and that they are the user's own, where they are. */
export const labelIdentity = ({ spec, asked }: Pick<LensTask, 'spec' | 'asked'>): KernelIdentity => ({
  labels: spec.labels,
  labelsFrom: hasOwnLabels(asked) ? 'mapping' : undefined,
});

/**
 * Everything that a kernel's numbers depend on, as manifests record it: two kernels with equal identities are equal.
 *
 * @param of hash of the model, once it is known; the runtime, where it was named
 * @internal
 */
export const kernelIdentity = (
  task: LensTask,
  { formula, space, spaceSeed, binary, parameters, tied, keepNoise }: ResolvedChoice,
  { modelHash, runtime }: { readonly modelHash?: string; readonly runtime: string },
): KernelIdentity =>
  defined({
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
