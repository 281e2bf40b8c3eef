import type { EncodedExample, LongTaskOptions, NDArray } from '@ntk-lens/core';
import { encoderStates, forwardLogits, type LabelWordIds, tokenLogProbabilities } from '@ntk-lens/models';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { Session } from '../session/session.js';
import { plainEncoder } from '../task/prompt-encoder.js';
import type { Embed } from '../task/prompt-texts.js';

/** Logits of label words at the position that is read, `[n, C]`. */
export const labelLogits = async (
  { model, shared, memory }: Session,
  examples: readonly EncodedExample[],
  labelWordIds: LabelWordIds,
  long: LongTaskOptions,
): Promise<NDArray<'float64'>> =>
  forwardLogits({ model, runtime: await shared.open(), memory, examples, labelWordIds, ...long });

/** Natural log-probabilities of tokens over the whole vocabulary, `[n, tokens]`. */
export const logProbabilities = async (
  { model, shared, memory }: Session,
  examples: readonly EncodedExample[],
  tokens: readonly number[],
  long: LongTaskOptions,
): Promise<NDArray<'float64'>> =>
  tokenLogProbabilities({ model, runtime: await shared.open(), memory, examples, tokens, ...long });

/** Embeds texts by the mean of the model's own last hidden states. */
export const embedWith =
  (session: Session, task: TaskSpec, long: LongTaskOptions): Embed =>
  async (texts) =>
    encoderStates({
      model: session.model,
      runtime: await session.shared.open(),
      memory: session.memory,
      examples: plainEncoder(task, session)('test', texts),
      ...long,
    });
