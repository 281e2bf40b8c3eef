import { BadArgumentError, type EncodedExample, type Example, Mt19937 } from '@ntk-lens/core';
import { closingWords, drawText, type Text } from './grammar.js';
import { judgements, sentiments, topics, wordId } from './lexicon.js';

/** Labelled tasks of the generated language. */
export const languageTaskNames = ['sentiment', 'topic'] as const;
export type LanguageTaskName = (typeof languageTaskNames)[number];

/** Examples of a task of the generated language, as text and as prompts. */
export interface LanguageTask {
  readonly name: LanguageTaskName;
  readonly labels: readonly string[];
  /** Label word of each label: a word that pre-training saw in the prompt's place. */
  readonly labelWords: readonly string[];
  readonly labelWordIds: readonly number[];
  /** Texts without a closing, balanced over the labels, in random order. */
  readonly examples: readonly Example[];
  /** The same as prompts: the closing that pre-training saw, its telling word masked. */
  readonly prompts: readonly EncodedExample[];
  /** Label index of every example. */
  readonly targets: readonly number[];
}

const promptOf = (text: Text, name: LanguageTaskName): EncodedExample => {
  const inputIds = ['[CLS]', ...text.body, ...closingWords(text, name), '[SEP]'].map(wordId);
  const position = 1 + text.body.length + (name === 'sentiment' ? 2 : 4);
  inputIds[position] = wordId('[MASK]');
  return { inputIds, position };
};

/**
 * A labelled task on which the language models of the generated language are natural: the prompt is how texts of the
 * corpus end. Prompts are those of the tasks `sentiment` and `topic` of `@ntk-lens/tasks`, so these can be given the
 * examples as their data.
 *
 * @example
 * ```ts
 * const { prompts, targets, labelWordIds } = languageTask({ name: 'sentiment', size: 32, seed: 13 });
 * const logits = await forwardLogits({ model, runtime, examples: prompts, labelWordIds });
 * ```
 * @param options `size`: examples, a multiple of the number of labels; `seed`: draws them. Texts may occur twice, and
 *   may have occurred in the corpus
 */
export const languageTask = (options: {
  readonly name: LanguageTaskName;
  readonly size: number;
  readonly seed: number;
}): LanguageTask => {
  const { name, size, seed } = options;
  const labels: readonly string[] = name === 'sentiment' ? sentiments : topics;
  if (!(Number.isInteger(size) && size >= 1 && size % labels.length === 0))
    throw new BadArgumentError('size', size, `a positive multiple of ${labels.length}`);
  const random = new Mt19937([seed, name.length]);
  const targets = Array.from({ length: size }, (_, i) => i % labels.length);
  random.shuffle(targets);
  const texts = targets.map((target) =>
    drawText(random, name === 'sentiment' ? { sentiment: sentiments[target]! } : { topic: topics[target]! }),
  );
  const labelWords = name === 'sentiment' ? sentiments.map((s) => judgements[s]) : topics;
  return {
    name,
    labels,
    labelWords,
    labelWordIds: labelWords.map(wordId),
    examples: texts.map(({ body }, i) => ({ texts: [body.join(' ')], label: labels[targets[i]!]! })),
    prompts: texts.map((text) => promptOf(text, name)),
    targets,
  };
};
