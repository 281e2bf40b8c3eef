import { type NDArray, zeros } from '@ntk-lens/core';
import { defineProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import { buildEncoder } from '../architectures/build-stages.js';
import { sideSpecs } from '../chain/stage-tensors.js';
import { type Side, sideShapes } from '../stages/side-inputs.js';
import { type ForwardOptions, runBatches } from './run-batches.js';

export interface EncoderStatesOptions extends ForwardOptions {
  /**
   * `mean` (default): over all tokens, for the similarity of texts, as sentence encoders do. `readout` takes
   * the state at the example's `position`, for probes of the first token or the mask.
   */
  readonly pooling?: 'mean' | 'readout';
}

/**
 * One vector per text from the model's own last hidden state (transformers' `last_hidden_state`).
 * Demonstrations are chosen by it, and it is the features of a linear probe.
 *
 * @example
 * ```ts
 * const states = await encoderStates({ model, runtime, examples, pooling: 'mean' });
 * states.shape; // [examples.length, model.config.hiddenSize]
 * ```
 * @returns float64 `[n, d]`, in the order of the examples
 * @throws SequenceTooLongError, BadExampleError before any work
 * @throws NonFiniteWeightError, NonFiniteActivationError naming the tensor or layer; CancelledError
 */
export const encoderStates = async ({
  pooling = 'mean',
  ...options
}: EncoderStatesOptions): Promise<NDArray<'float64'>> => {
  const { config } = options.model;
  let states = zeros('float64', [options.examples.length, config.hiddenSize]);
  await runBatches(
    options,
    buildEncoder(config),
    ({ indices }, { data, shape }) => {
      const d = shape[1]!;
      // OPT's last states may be as narrow as its word embeddings.
      if (d !== states.shape[1]) states = zeros('float64', [options.examples.length, d]);
      for (const [row, index] of indices.entries()) {
        states.data.set(data.subarray(row * d, (row + 1) * d), index * d);
      }
    },
    async (runtime, state, side) => {
      const [n = 0, length = 0] = side.ids.shape;
      const program = pool({ pooling, state: state.shape, side: sideShapes(n, length) });
      return (await program.run(runtime, { state, side })).y;
    },
  );
  return states;
};

interface PoolingSettings {
  readonly pooling: 'mean' | 'readout';
  readonly state: readonly number[];
  readonly side: Side<readonly number[]>;
}

/** Pools hidden states `[n, T, d]` over tokens, `[n, d]`. */
const pool = defineProgram('pooling', {
  inputs: ({ state, side }: PoolingSettings) => ({
    state: { dtype: 'float32', shape: state } as TensorSpec,
    side: sideSpecs(side),
  }),
  build: ({ state, side: { attention, readout } }, { pooling }) => {
    const [n, length, d] = state.shape as [number, number, number];
    const uniform = attention.div(attention.sum(1, true)).reshape([n, 1, length]);
    return { y: tf.matMul(pooling === 'mean' ? uniform : readout, state).reshape([n, d]) };
  },
});
