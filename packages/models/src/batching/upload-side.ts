import type { NDArray } from '@ntk-lens/core';
import { type Resident, type Runtime, tf } from '@ntk-lens/engine';
import type { Side, SideInputs } from '../stages/side-inputs.js';
import type { BatchArrays } from './batch.js';

/** The side inputs of a batch in a runtime's memory. */
export type ResidentSide = Side<Resident>;

/** Uploads what {@link collate} made of a batch. */
export const uploadSide = async (runtime: Runtime, arrays: BatchArrays): Promise<ResidentSide> => {
  const [ids, positions, types, attention, readout, branches] = await Promise.all([
    runtime.upload(arrays.ids),
    runtime.upload(arrays.positions),
    runtime.upload(arrays.types),
    runtime.upload(arrays.attention),
    runtime.upload(arrays.readout),
    arrays.branches && runtime.upload(arrays.branches),
  ]);
  const side = { ids, positions, types, attention, readout };
  return branches ? { ...side, branches } : side;
};

/** The same as tensors of tfjs's current backend, for functions that run operation by operation. */
export const sideTensors = (arrays: BatchArrays): SideInputs => {
  const { ids, positions, types, attention, readout, branches } = arrays;
  const tensor = ({ data, shape, dtype }: NDArray<'float32' | 'int32'>) => tf.tensor(data, [...shape], dtype);
  return {
    ids: tensor(ids),
    positions: tensor(positions),
    types: tensor(types),
    attention: tensor(attention),
    readout: tensor(readout),
    branches: branches && tensor(branches),
  };
};
