import { type NDArray, zeros } from '@ntk-lens/core';
import type { LabelWordIds } from '../architectures/label-word-ids.js';
import { type ForwardOptions, runBatches } from './run-batches.js';

export interface ForwardLogitsOptions extends ForwardOptions {
  /** Label words in label order: a token each, or the tokens of each (see {@link LabelWordIds}). */
  readonly labelWordIds: LabelWordIds;
}

/**
 * Logits of the label words at the token that is read out: f(ξ; θ₀) of every example and label (docs/theory.md, Outputs).
 *
 * @example
 * ```ts
 * const model = await loadModel(modelDirectory);
 * const runtime = await createRuntime();
 * const logits = await forwardLogits({ model, runtime, examples, labelWordIds: [6659, 2307] });
 * logits.shape; // [examples.length, 2]
 * ```
 * @param options examples as the model reads them (prompts for its `objective`), label words, runtime
 * @returns float64 `[n, C]`, in the order of the examples; the values are those of the runtime's float32
 * @throws SequenceTooLongError, BadExampleError, LabelWordIdError before any work
 * @throws NonFiniteWeightError, NonFiniteActivationError naming the tensor or layer; CancelledError
 */
export const forwardLogits = async ({
  labelWordIds,
  ...options
}: ForwardLogitsOptions): Promise<NDArray<'float64'>> => {
  const logits = zeros('float64', [options.examples.length, labelWordIds.length]);
  await runBatches(options, options.model.stages(labelWordIds), ({ indices }, { data }) => {
    for (const [row, index] of indices.entries()) {
      for (let c = 0; c < labelWordIds.length; c++) {
        logits.data[index * labelWordIds.length + c] = data[row * labelWordIds.length + c]!;
      }
    }
  });
  return logits;
};
