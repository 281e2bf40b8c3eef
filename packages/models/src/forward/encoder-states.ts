import { type NDArray, zeros } from '@ntk-lens/core';
import { type Program, type Resident, tf } from '@ntk-lens/engine';
import { buildEncoder } from '../architectures/build-stages.js';
import { type ForwardOptions, runBatches } from './run-batches.js';
import { type ResidentSide, sideTypes } from './stage-program.js';

export interface EncoderStatesOptions extends ForwardOptions {
  /**
   * `mean` (default): over all tokens, for the similarity of texts, as sentence encoders do. `readout`: at the
   * example's `position`, for probes of the first token or the mask.
   */
  readonly pooling?: 'mean' | 'readout';
}

/**
 * One vector per text from the model's own last hidden state (transformers' `last_hidden_state`): what
 * demonstrations are chosen by, and the features of a linear probe.
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
  const d = options.model.config.hiddenSize;
  const states = zeros('float64', [options.examples.length, d]);
  await runBatches(
    options,
    buildEncoder(options.model.config),
    ({ indices }, { data }) => {
      for (const [row, index] of indices.entries()) {
        states.data.set(data.subarray(row * d, (row + 1) * d), index * d);
      }
    },
    (x, side) => poolingProgram(pooling, x, side),
  );
  return states;
};

const poolingProgram = (pooling: 'mean' | 'readout', x: Resident, side: ResidentSide): Program => {
  const [n, length, d] = x.shape as [number, number, number];
  const specs = Object.entries(side).map(([name, { shape }]) => [
    name,
    { dtype: sideTypes[name as keyof ResidentSide], shape },
  ]);
  return {
    name: `pooling ${pooling}`,
    inputs: { x: { dtype: 'float32', shape: x.shape }, ...Object.fromEntries(specs) },
    build: ({ x: state, attention, readout }) => {
      const uniform = attention!.div(attention!.sum(1, true)).reshape([n, 1, length]);
      return { y: tf.matMul(pooling === 'mean' ? uniform : readout!, state!).reshape([n, d]) };
    },
  };
};
