import type { NDArray } from '@ntk-lens/core';
import type { Program, Resident, Runtime, TensorSpec } from '@ntk-lens/engine';
import { stageFunction } from '../architectures/build-stages.js';
import { plainContext, type SideInputs, type Stage, type Tensors } from '../architectures/stage.js';
import type { BatchArrays } from '../batching/batch.js';
import type { ModelConfig } from '../config/model-config.js';

/** The side inputs of a batch in a runtime's memory. */
export type ResidentSide = Readonly<Record<keyof SideInputs, Resident>>;

/** Uploads what {@link collate} made of a batch. */
export const uploadSide = async (runtime: Runtime, arrays: BatchArrays): Promise<ResidentSide> => {
  const uploaded = Object.entries(arrays).map(
    async ([name, array]: [string, NDArray<'float32' | 'int32'>]) =>
      [name, await runtime.upload(array)] as const,
  );
  return Object.fromEntries(await Promise.all(uploaded)) as ResidentSide;
};

/** Element types of the side inputs. */
export const sideTypes: Readonly<Record<keyof SideInputs, TensorSpec['dtype']>> = {
  ids: 'int32',
  positions: 'int32',
  types: 'int32',
  attention: 'float32',
  readout: 'float32',
};

/**
 * The forward pass of one stage as a program: inputs are the weights by local name, the side inputs, and `x`
 * where there is a hidden state; its output is `y`.
 */
export const stageProgram = (
  config: ModelConfig,
  stage: Stage,
  inputs: Readonly<Record<string, Resident>>,
): Program => ({
  name: `forward ${stageFunction(config, stage)}`,
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]): [string, TensorSpec] => [
      name,
      { dtype: sideTypes[name as keyof SideInputs] ?? 'float32', shape },
    ]),
  ),
  build: (tensors) => ({
    y: stage.apply(plainContext, tensors, tensors as Tensors & SideInputs, tensors['x']),
  }),
});
