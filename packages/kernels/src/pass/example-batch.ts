import type { EncodedExample } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { type Batch, collate, type ModelConfig, type ResidentSide, uploadSide } from '@ntk-lens/models';

/** A batch whose side inputs are in the runtime, with the states and cotangents that the pass leaves there. */
export interface ExampleBatch {
  readonly indices: readonly number[];
  readonly length: number;
  readonly ids: readonly (readonly number[])[];
  readonly side: ResidentSide;
  /** Input hidden state of every stage but the first, filled by the forward pass. */
  readonly states: (Resident | undefined)[];
  /** Outputs of linear sites that the forward pass kept, by stage and site. */
  readonly kept: Readonly<Record<string, Resident>>[];
  /** Cotangents of the current stage's output, `[n, …]` for each output f; none at the head. */
  cotangents: readonly Resident[];
}

/** Pads a batch and moves its side inputs into the runtime. */
export const uploadBatch = async (
  runtime: Runtime,
  examples: readonly EncodedExample[],
  batch: Batch,
  config: ModelConfig,
): Promise<ExampleBatch> => {
  const side = await uploadSide(runtime, collate(examples, batch, config));
  return {
    indices: batch.indices,
    length: batch.length,
    ids: batch.indices.map((i) => examples[i]!.inputIds),
    side,
    states: [],
    kept: [],
    cotangents: [],
  };
};
