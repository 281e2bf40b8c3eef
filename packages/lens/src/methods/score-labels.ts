import {
  type EncodedExample,
  type LongTaskOptions,
  type NDArray,
  ndarray,
  type SplitName,
} from '@ntk-lens/core';
import { contentFreeTexts, labelReads, labelScores } from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { Session } from '../session/session.js';
import { asRead } from '../task/label-words.js';
import type { TaskPrompt } from '../task/lens-task.js';
import { labelLogits, logProbabilities } from './forward.js';

type Texts = readonly (readonly string[])[];

/**
 * The model's own scores of the labels: logits under the rules `single` and `first`, log-probabilities of whole
 * words under `mean` and `joint`.
 *
 * @param texts as the prompt's template reads them
 * @returns float64 `[N, C]`
 */
export const scoreLabels = async (
  session: Session,
  { verbalizer, encode }: TaskPrompt,
  split: SplitName,
  texts: Texts,
  long: LongTaskOptions,
): Promise<NDArray<'float64'>> => {
  const { rule, words, labelWordIds } = verbalizer;
  if (rule === 'single' || rule === 'first')
    return labelLogits(session, encode(split, texts), labelWordIds, long);
  if (session.objective === 'causal') {
    const examples = encode(split, texts).map((prompt) => asRead(prompt, verbalizer, session));
    const ids = words.map((word) => word.ids);
    const joint = await labelLogits(session, examples, ids, long);
    if (rule === 'joint') return joint;
    const { data, shape } = joint;
    return ndarray(
      data.map((f, i) => f / ids[i % ids.length]!.length),
      shape,
    );
  }
  // Per example, per label, the log-probability of each token of its word.
  const read: number[][][] = texts.map(() => words.map(() => []));
  for (const { maskCount, labels } of labelReads(verbalizer)) {
    const encoded = encode(split, texts, { maskCount });
    for (let j = 0; j < maskCount; j++) {
      const examples = encoded.map(
        ({ inputIds, readPositions }): EncodedExample => ({ inputIds, position: readPositions[j]! }),
      );
      const tokens = labels.map(({ ids }) => ids[j]!);
      const { data } = await logProbabilities(session, examples, tokens, long);
      for (const [i, own] of read.entries()) {
        for (const [k, { label }] of labels.entries()) own[label]![j] = data[i * labels.length + k]!;
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
export const contentFree = (
  { textsPerExample }: Pick<TaskSpec, 'textsPerExample'>,
  { tokenizer }: Pick<Session, 'tokenizer'>,
  like: readonly string[],
): Texts =>
  contentFreeTexts(textsPerExample, tokenizer).map((texts) => [...texts, ...like.slice(textsPerExample)]);
