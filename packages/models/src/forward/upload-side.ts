import type { Resident, Runtime } from '@ntk-lens/engine';
import type { BatchArrays } from '../batching/batch.js';
import type { Side } from '../stages/side-inputs.js';

/** The side inputs of a batch in a runtime's memory. */
export type ResidentSide = Side<Resident>;

/** Uploads what {@link collate} made of a batch. */
export const uploadSide = async (runtime: Runtime, arrays: BatchArrays): Promise<ResidentSide> => {
  const [ids, positions, types, attention, readout] = await Promise.all([
    runtime.upload(arrays.ids),
    runtime.upload(arrays.positions),
    runtime.upload(arrays.types),
    runtime.upload(arrays.attention),
    runtime.upload(arrays.readout),
  ]);
  return { ids, positions, types, attention, readout };
};
