import { isNtkLensError, type SplitName } from '@ntk-lens/core';
import {
  compileTemplate,
  type EncodedPrompt,
  type EncodePromptOptions,
  encodeWithoutPrompt,
  type Verbalizer,
} from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import { BadExampleError } from '../errors.js';
import type { ForwardPasses, Machine } from '../model/forward-passes.js';
import type { OpenedModel } from '../model/opened-model.js';
import type { Embed, PromptTexts } from './prompt-texts.js';

/** What a model asks of its prompts. */
type Reader = Pick<OpenedModel, 'tokenizer' | 'maxTokens' | 'objective'>;

/** Encodes the examples of a set with the limits of a task and a model; an error names the example. */
export const promptEncoder = (
  task: TaskSpec,
  prompt: Omit<PromptTexts, 'contexts'>,
  verbalizer: Verbalizer,
  model: Reader,
  options: EncodePromptOptions = {},
): ((split: SplitName, texts: readonly (readonly string[])[]) => EncodedPrompt[]) => {
  const encode = compileTemplate(prompt.template, model.tokenizer, {
    maxLength: Math.min(prompt.maxLength, model.maxTokens),
    objective: model.objective,
    labelWordIds: verbalizer.words.map(({ ids }) => ids),
    ...(prompt.supportLabels && { supportLabels: prompt.supportLabels }),
    ...(prompt.truncateHead && { truncateHead: true }),
    ...(task.firstSentenceLimit !== undefined && { firstSentenceLimit: task.firstSentenceLimit }),
    ...(task.otherSentenceLimit !== undefined && { otherSentenceLimit: task.otherSentenceLimit }),
    ...options,
  });
  return (split, texts) =>
    texts.map((own, index) => {
      try {
        return encode(own);
      } catch (error) {
        throw isNtkLensError(error) ? new BadExampleError(split, index, error) : error;
      }
    });
};

/** Embeds texts by the mean of a model's own last hidden states. */
export const embedWith =
  (task: TaskSpec, opened: Reader, states: ForwardPasses['states'], machine: Machine): Embed =>
  async (texts) => {
    const { tokenizer, maxTokens, objective } = opened;
    const maxLength = Math.min(task.maxLength, maxTokens);
    const examples = texts.map((own) => encodeWithoutPrompt(own, tokenizer, { maxLength, objective }));
    return states(examples, machine);
  };
