import type { EncodedExample, LongTaskOptions, NDArray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { LanguageModel } from '@ntk-lens/models';

/** Where something is computed. */
export interface Machine {
  readonly runtime: string;
  readonly threads?: number;
}

type MachineOptions = Machine & LongTaskOptions;

/** What a model computes without gradients. */
export interface ForwardPasses {
  /** Logits of label words at the position that is read, `[n, C]`. */
  logits(
    examples: readonly EncodedExample[],
    ids: readonly number[],
    options: MachineOptions,
  ): Promise<NDArray<'float64'>>;
  /** Natural log-probabilities of tokens over the whole vocabulary, `[n, tokens]`. */
  logProbabilities(
    examples: readonly EncodedExample[],
    ids: readonly number[],
    options: MachineOptions,
  ): Promise<NDArray<'float64'>>;
  /** Mean of the last hidden states, `[n, d]`. */
  states(examples: readonly EncodedExample[], options: MachineOptions): Promise<NDArray<'float64'>>;
}

/** The passes of a model on a runtime that is opened when it is first needed. */
export const forwardPasses = (
  model: LanguageModel,
  open: (machine: Machine) => Promise<Runtime>,
): ForwardPasses => {
  const common = async (examples: readonly EncodedExample[], options: MachineOptions) => {
    const { signal, onProgress } = options;
    return {
      model,
      runtime: await open(options),
      examples,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    };
  };
  return {
    logits: async (examples, labelWordIds, options) => {
      const { forwardLogits } = await import('@ntk-lens/models');
      return forwardLogits({ ...(await common(examples, options)), labelWordIds });
    },
    logProbabilities: async (examples, tokens, options) => {
      const { tokenLogProbabilities } = await import('@ntk-lens/models');
      return tokenLogProbabilities({ ...(await common(examples, options)), tokens });
    },
    states: async (examples, options) => {
      const { encoderStates } = await import('@ntk-lens/models');
      return encoderStates(await common(examples, options));
    },
  };
};
