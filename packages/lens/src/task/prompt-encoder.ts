import { isNtkLensError, type SplitName, type Tokenizer } from '@ntk-lens/core';
import { compileTemplate, encodeWithoutPrompt, type Verbalizer } from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import { BadExampleError } from '../errors.js';
import { tokensBehind } from './label-words.js';
import type { PromptTexts, TaskPrompt } from './lens-task.js';

/** The requirements of a model on its prompts. */
export interface PromptReader {
  readonly tokenizer: Tokenizer;
  /** Longest sequence in tokens. */
  readonly maxTokens: number;
  readonly objective: 'masked' | 'causal';
}

/** Encodes every text of a set; an error names the example. */
const encodeEach = <T>(
  split: SplitName,
  texts: readonly (readonly string[])[],
  encode: (own: readonly string[]) => T,
): T[] =>
  texts.map((own, index) => {
    try {
      return encode(own);
    } catch (error) {
      throw isNtkLensError(error) ? new BadExampleError(split, index, error) : error;
    }
  });

/** Encodes the examples of a set with the limits of a task and a model. */
export const promptEncoder =
  (
    task: TaskSpec,
    prompt: Omit<PromptTexts, 'contexts'>,
    verbalizer: Verbalizer,
    model: PromptReader,
  ): TaskPrompt['encode'] =>
  (split, texts, options = {}) => {
    const encode = compileTemplate(prompt.template, model.tokenizer, {
      maxLength: Math.min(prompt.maxLength, model.maxTokens - tokensBehind(verbalizer, model)),
      objective: model.objective,
      labelWordIds: verbalizer.words.map(({ ids }) => ids),
      supportLabels: prompt.supportLabels,
      truncateHead: prompt.truncateHead,
      firstSentenceLimit: task.firstSentenceLimit,
      otherSentenceLimit: task.otherSentenceLimit,
      ...options,
    });
    return encodeEach(split, texts, encode);
  };

/**
 * Encodes without a prompt: cls + s0 + sep (+ s1 + sep), read at the first token (the last one of a causal model), for a
 * network with a classifier (docs/theory.md, Fine-tuning).
 */
export const plainEncoder = (
  task: Pick<TaskSpec, 'maxLength'>,
  { tokenizer, maxTokens, objective }: PromptReader,
): TaskPrompt['encode'] => {
  const maxLength = Math.min(task.maxLength, maxTokens);
  return (split, texts) =>
    encodeEach(split, texts, (own) => encodeWithoutPrompt(own, tokenizer, { maxLength, objective }));
};
