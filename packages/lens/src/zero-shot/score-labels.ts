import { type EncodedExample, type NDArray, ndarray, type SplitName } from '@ntk-lens/core';
import { contentFreeTexts, labelReads, labelScores, type Verbalizer } from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { ForwardPasses } from '../model/forward-passes.js';
import type { OpenedModel } from '../model/opened-model.js';
import { promptEncoder } from './prompt-encoder.js';
import type { PromptTexts } from './prompt-texts.js';

/** What scores labels: a model, and what is put before it. */
export interface LabelScorer {
  readonly task: TaskSpec;
  readonly prompts: PromptTexts;
  readonly verbalizer: Verbalizer;
  readonly model: Pick<OpenedModel, 'tokenizer' | 'maxTokens' | 'objective'>;
  readonly forward: ForwardPasses;
  readonly machine: Parameters<ForwardPasses['states']>[1];
}

type Texts = readonly (readonly string[])[];

/**
 * The model's own scores of the labels: logits under the rules `single` and `first`, log-probabilities of whole
 * words under `mean` and `joint`.
 *
 * @param texts as the prompt's template reads them
 * @returns float64 `[N, C]`
 */
export const scoreLabels = async (
  scorer: LabelScorer,
  split: SplitName,
  texts: Texts,
): Promise<NDArray<'float64'>> => {
  const { task, prompts, verbalizer, model, forward, machine } = scorer;
  const { rule, words, labelWordIds } = verbalizer;
  if (rule === 'single' || rule === 'first') {
    const examples = promptEncoder(task, prompts, verbalizer, model)(split, texts);
    return forward.logits(examples, labelWordIds, machine);
  }
  // Per example, per label, the log-probability of each token of its word.
  const read: number[][][] = texts.map(() => words.map(() => []));
  for (const { maskCount, continuation, labels } of labelReads(verbalizer, model.objective)) {
    const options = model.objective === 'causal' ? { continuation } : { maskCount };
    const encoded = promptEncoder(task, prompts, verbalizer, model, options)(split, texts);
    for (let j = 0; j < maskCount; j++) {
      // A causal model may read words of different length in one prompt.
      const known = labels.filter(({ ids }) => j < ids.length);
      const examples = encoded.map(
        ({ inputIds, readPositions }): EncodedExample => ({ inputIds, position: readPositions[j]! }),
      );
      const tokens = known.map(({ ids }) => ids[j]!);
      const { data } = await forward.logProbabilities(examples, tokens, machine);
      for (const [i, own] of read.entries()) {
        for (const [k, { label }] of known.entries()) own[label]![j] = data[i * known.length + k]!;
      }
    }
  }
  const scores = read.flatMap((own) => labelScores(verbalizer, own));
  return ndarray<'float64'>(Float64Array.from(scores), [texts.length, words.length]);
};

/**
 * Content-free inputs in a context: in the place of the texts of the example that asks, the demonstrations kept.
 *
 * @param like texts of an example in that context
 */
export const contentFree = ({ task, model }: LabelScorer, like: readonly string[]): Texts =>
  contentFreeTexts(task.textsPerExample, model.tokenizer).map((texts) => [
    ...texts,
    ...like.slice(task.textsPerExample),
  ]);
