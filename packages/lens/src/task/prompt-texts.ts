import { type Example, Mt19937, type NDArray, perSplit, splitNames } from '@ntk-lens/core';
import {
  demonstrationTemplate,
  demonstrationTexts,
  sampleDemonstrations,
  textsPerExample,
} from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { ExampleSets, PromptTexts } from './lens-task.js';
import type { PreparedTask } from './prepare-task.js';
import type { PromptOptions } from './task-options.js';

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
 * @param embed for a similarity filter
 * @throws TooFewDemonstrationsError, TemplateError
 */
export const promptTexts = async (
  { task, template }: PreparedTask,
  asked: PromptOptions,
  sets: ExampleSets,
  objective: 'masked' | 'causal',
  embed: Embed,
): Promise<PromptTexts> => {
  const { demonstrations, truncateHead } = asked;
  if (demonstrations === undefined) {
    const texts = perSplit((split) => sets[split].map((example) => example.texts));
    return { template, maxLength: task.maxLength, truncateHead, contexts: [texts] };
  }
  const { perLabel, seed, samples, filter } = demonstrations;
  const count = textsPerExample(template);
  const labelOf = demonstratedLabel(task);
  const random = new Mt19937(seed);
  const contexts = Array.from({ length: samples }, () => perSplit((): string[][] => []));
  const pool = filter === undefined ? undefined : await embed(sets.train.map(({ texts }) => texts));
  for (const split of splitNames) {
    const queries = sets[split];
    const own =
      pool === undefined || split === 'train' ? pool : await embed(queries.map(({ texts }) => texts));
    const drawn = sampleDemonstrations(sets.train, queries.length, {
      labels: task.labels,
      seed: random,
      perLabel,
      samples,
      queriesArePool: split === 'train',
      labelOf,
      similar: filter !== undefined && pool && own ? { queries: own, pool, rate: filter } : undefined,
    });
    for (const [s, context] of contexts.entries()) {
      for (const [q, { texts }] of queries.entries()) {
        const shown = drawn[s]![q]!.map((i) => sets.train[i]!.texts);
        context[split].push(demonstrationTexts(texts, shown, count));
      }
    }
  }
  // A causal model does not see the text after the mask.
  const style = objective === 'causal' ? 'in-context-before' : 'by-label';
  const labels = task.labels.length;
  return {
    template: demonstrationTemplate(template, { labels, perLabel, style }),
    supportLabels: Array.from({ length: labels * perLabel }, (_, d) => Math.floor(d / perLabel)),
    maxLength: asked.maxLength ?? task.maxLength * (1 + labels * perLabel),
    // A causal model reads the end of the prompt: a long one loses its oldest demonstrations.
    truncateHead: truncateHead || objective === 'causal',
    contexts,
  };
};
