import type { NDArray } from '@ntk-lens/core';
import type { Resident, Runtime } from '../runtime.js';
import { sampleInputs, sampleProgram } from './sample-program.js';

/** Uploads arrays under their names. */
export const uploadAll = async (
  runtime: Runtime,
  arrays: Readonly<Record<string, NDArray<'float32' | 'int32'>>>,
): Promise<Record<string, Resident>> => {
  const inputs: Record<string, Resident> = {};
  for (const [name, array] of Object.entries(arrays)) inputs[name] = await runtime.upload(array);
  return inputs;
};

/** Runs the sample program once and downloads what it returns. */
export const runSample = async (runtime: Runtime): Promise<Record<string, NDArray>> => {
  const inputs = await uploadAll(runtime, sampleInputs());
  const results = await runtime.run(sampleProgram, inputs);
  const arrays: Record<string, NDArray> = {};
  for (const [name, tensor] of Object.entries(results)) arrays[name] = await runtime.download(tensor);
  runtime.release([...Object.values(inputs), ...Object.values(results)]);
  return arrays;
};
