import { type Example, Mt19937, type NDArray, type SplitName } from '@ntk-lens/core';
import {
  demonstrationTemplate,
  demonstrationTexts,
  sampleDemonstrations,
  type Template,
  textsPerExample,
} from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { ExampleSets } from '../../data/example-sets.js';
import type { RunConfig } from '../../options/run-config.js';
import type { PreparedTask } from '../prepare-task.js';
import { splitNames } from '../store/kernel-names.js';

/** Texts of every example of every set, as a template reads them: the example's own, then its demonstrations'. */
type ContextTexts = Readonly<Record<SplitName, readonly (readonly string[])[]>>;

/** What is put before a model: the template, and one set of texts for every context of demonstrations. */
export interface PromptTexts {
  readonly template: Template;
  /** Label index of each demonstration. */
  readonly supportLabels?: readonly number[];
  /** Longest prompt, in tokens. */
  readonly maxLength: number;
  /** Longer prompts lose their beginning, not their end. */
  readonly truncateHead?: boolean;
  /** At least one; kernels are of the first. */
  readonly contexts: readonly ContextTexts[];
}

/** Embeds texts, `[n, d]`, for the similarity filter of demonstrations. */
export type Embed = (texts: readonly (readonly string[])[]) => Promise<NDArray>;

/** The pole that a score is nearer to demonstrates as that pole. */
const demonstratedLabel = (task: TaskSpec): ((example: Example) => string) | undefined => {
  if (task.kind !== 'regression') return undefined;
  const [low, high] = task.range ?? [0, 1];
  return ({ label }) => (Number(label) > (low + high) / 2 ? task.labels[1]! : task.labels[0]!);
};

/**
 * Adds demonstrations, drawn from the training examples, to every example; none to itself.
 *
 * With `n` per label the longest prompt grows to 1 + n·C times the task's, as each part is as long as an example.
 *
 * @param embed needed for a similarity filter
 * @throws TooFewDemonstrationsError, TemplateError
 */
export const promptTexts = async (
  config: RunConfig,
  { task, template }: PreparedTask,
  sets: ExampleSets,
  objective: 'masked' | 'causal',
  embed?: Embed,
): Promise<PromptTexts> => {
  const asked = config.demonstrations;
  if (asked === undefined) {
    const texts = Object.fromEntries(splitNames.map((split) => [split, sets[split].map((e) => e.texts)]));
    return {
      template,
      maxLength: task.maxLength,
      ...(config.truncateHead && { truncateHead: true }),
      contexts: [texts as unknown as ContextTexts],
    };
  }
  const { perLabel, seed, samples, filter } = asked;
  const count = textsPerExample(template);
  const labelOf = demonstratedLabel(task);
  const random = new Mt19937(seed);
  const contexts = Array.from({ length: samples }, () => ({}) as Record<SplitName, string[][]>);
  const pool = filter === undefined ? undefined : await embed?.(sets.train.map(({ texts }) => texts));
  for (const split of splitNames) {
    const queries = sets[split];
    const own =
      pool === undefined || split === 'train' ? pool : await embed?.(queries.map(({ texts }) => texts));
    const drawn = sampleDemonstrations(sets.train, queries.length, {
      labels: task.labels,
      seed: random,
      perLabel,
      samples,
      queriesArePool: split === 'train',
      ...(labelOf && { labelOf }),
      ...(filter !== undefined && pool && own && { similar: { queries: own, pool, rate: filter } }),
    });
    for (const [s, context] of contexts.entries()) {
      context[split] = queries.map(({ texts }, q) =>
        demonstrationTexts(
          texts,
          drawn[s]![q]!.map((i) => sets.train[i]!.texts),
          count,
        ),
      );
    }
  }
  // What follows the mask is not seen by a causal model.
  const style = objective === 'causal' ? 'in-context-before' : 'by-label';
  const labels = task.labels.length;
  return {
    template: demonstrationTemplate(template, { labels, perLabel, style }),
    supportLabels: Array.from({ length: labels * perLabel }, (_, d) => Math.floor(d / perLabel)),
    maxLength: config.maxLength ?? task.maxLength * (1 + labels * perLabel),
    // A causal model reads the end of the prompt: a long one loses its oldest demonstrations.
    ...((config.truncateHead || objective === 'causal') && { truncateHead: true }),
    contexts,
  };
};
