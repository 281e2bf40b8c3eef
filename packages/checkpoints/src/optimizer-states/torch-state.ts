import { ndarray, sizeOf } from '@ntk-lens/core';
import { weightCaps } from '../caps.js';
import { WeightFileLimitError } from '../errors.js';
import { accessTo, orClosed, type RandomAccess, type WeightBytes } from '../source/random-access.js';
import { readElements } from '../source/read-elements.js';
import { readFloat32 } from '../source/read-float32.js';
import { storedBytes } from '../source/weight-source.js';
import { type PickleValue, PyDict, PyList, PyTuple, TensorRef } from '../torch/pickle/pickle-values.js';
import { readTorchArchive } from '../torch/read-torch-archive.js';
import { gatherView, isContiguous, spanOf } from '../torch/read-view.js';
import type { TorchArchive } from '../torch/torch-archive.js';
import { Beta2Error, NotAdamStateError, OptimizerStateFormatError } from './errors.js';
import {
  otherOptimizerFields,
  type ParameterKey,
  type StoredMoment,
  type StoredState,
  storedIn,
} from './stored-state.js';

/**
 * Reads what `torch.save(optimizer.state_dict(), file)` wrote, zip or legacy:
 * `{state: {number: {step, exp_avg, exp_avg_sq}}, param_groups: [{betas, params: [number, …], …}]}`. Nothing
 * in it is run, and no v is read yet.
 *
 * @param from bytes, a `Blob`, or a `RandomAccess`, which closes with the result
 * @param name name of the file in errors
 * @throws OptimizerStateFormatError, NotAdamStateError, Beta2Error, and every error of the torch reader
 */
export const torchStateFrom = async (from: WeightBytes, name?: string): Promise<StoredState> => {
  const access = accessTo(from, name);
  return orClosed(access, async () => stateOf(access, await readTorchArchive(access)));
};

const stateOf = (access: RandomAccess, archive: TorchArchive): StoredState => {
  const file = access.name;
  const top = archive.value instanceof PyDict ? archive.value.entries : undefined;
  const state = top?.get('state');
  const listed = itemsOf(top?.get('param_groups'));
  if (!(state instanceof PyDict) || !listed) {
    const keys = top && [...top.keys()].slice(0, 8).map(String).join(', ').slice(0, 200);
    throw new OptimizerStateFormatError(
      file,
      keys === undefined ? 'no dictionary' : `a dictionary of ${keys || 'nothing'}`,
      'a dictionary with "state" and "param_groups"',
    );
  }
  const groups = listed.map((group) => groupOf(group, file));
  if (state.entries.size > weightCaps.maxTensors)
    throw new WeightFileLimitError(file, 'maxTensors', state.entries.size, weightCaps.maxTensors);
  const owner = new Map(groups.flatMap((group) => group.params.map((key) => [key, group] as const)));
  if (owner.size !== groups.reduce((sum, { params }) => sum + params.length, 0))
    throw new OptimizerStateFormatError(file, 'a parameter in two groups', 'every parameter once');
  const moments = new Map<ParameterKey, StoredMoment>();
  for (const [key, entry] of state.entries) {
    const group = owner.get(key as ParameterKey);
    if (group === undefined)
      throw new OptimizerStateFormatError(
        file,
        `a state of ${JSON.stringify(String(key).slice(0, 80))}`,
        'a parameter of a group',
      );
    const v = momentOf(entry, group.step, access, archive);
    if (v) moments.set(key as ParameterKey, v);
  }
  if (moments.size === 0) throw new NotAdamStateError(file, foundInstead(state));
  const beta2 = sharedBeta2(groups, file);
  const named = groups.flatMap(({ names }) => names ?? []);
  return {
    format: 'torch',
    moments,
    groups: groups.map(({ params }) => params),
    paramNames: named.length > 0 && named.length === owner.size ? named : undefined,
    beta2,
    ...storedIn(access),
  };
};

interface Group {
  readonly params: readonly ParameterKey[];
  readonly names?: readonly string[];
  readonly beta2?: number;
  /** Some implementations count steps here instead of in each state. */
  readonly step?: PickleValue;
}

const groupOf = (value: PickleValue, file: string): Group => {
  const entries = value instanceof PyDict ? value.entries : undefined;
  const params = itemsOf(entries?.get('params'));
  if (!params?.every((key) => typeof key === 'string' || (Number.isSafeInteger(key) && (key as number) >= 0)))
    throw new OptimizerStateFormatError(file, 'a group without "params"', 'numbers or names of parameters');
  const names = itemsOf(entries!.get('param_names'));
  const named = names?.length === params.length && names.every((name) => typeof name === 'string');
  const betas = entries!.get('betas');
  const beta2 = itemsOf(betas)?.[1];
  if (betas !== undefined && typeof beta2 !== 'number')
    throw new Beta2Error(file, 'betas that are no two numbers');
  const step = entries!.get('step');
  return {
    params: params as readonly ParameterKey[],
    names: named ? (names as readonly string[]) : undefined,
    beta2: typeof beta2 === 'number' ? beta2 : undefined,
    step,
  };
};

const itemsOf = (value: PickleValue | undefined): readonly PickleValue[] | undefined =>
  value instanceof PyList || value instanceof PyTuple ? value.items : undefined;

const momentOf = (
  entry: PickleValue,
  groupStep: PickleValue | undefined,
  access: RandomAccess,
  archive: TorchArchive,
): StoredMoment | undefined => {
  const file = access.name;
  if (!(entry instanceof PyDict))
    throw new OptimizerStateFormatError(file, 'a state that is no dictionary', 'a dictionary');
  const other = otherOptimizerFields.find((field) => entry.entries.has(field));
  if (other !== undefined) throw new NotAdamStateError(file, `a state with ${other}`);
  const v = entry.entries.get('exp_avg_sq');
  if (!(v instanceof TensorRef)) return undefined;
  const step = entry.entries.get('step') ?? groupStep;
  return {
    shape: v.shape,
    step: () => numberOf(step, access, archive),
    read: async (parameter) => {
      const { dtype } = v.storage;
      const contiguous = isContiguous(v);
      const byteOffset = (await archive.locate(v.storage)) + v.offset * storedBytes[dtype];
      await archive.verify(v.storage);
      const elements = contiguous ? sizeOf(v.shape) : spanOf(v);
      const span = await readFloat32(access, parameter, { dtype, byteOffset, elements });
      return ndarray<'float32'>(contiguous ? span : gatherView(span, v), v.shape);
    },
  };
};

/** A step count: a Python number, or a tensor of one number. */
const numberOf = async (
  value: PickleValue | undefined,
  access: RandomAccess,
  archive: TorchArchive,
): Promise<number | undefined> => {
  if (typeof value === 'number') return value;
  if (!(value instanceof TensorRef) || sizeOf(value.shape) !== 1) return undefined;
  const { dtype } = value.storage;
  const byteOffset = (await archive.locate(value.storage)) + value.offset * storedBytes[dtype];
  await archive.verify(value.storage);
  return (await readElements(access, { dtype, byteOffset, elements: 1 }))[0];
};

const sharedBeta2 = (groups: readonly Group[], file: string): number | undefined => {
  const found = new Set(groups.filter(({ params }) => params.length > 0).map(({ beta2 }) => beta2));
  if (found.size > 1)
    throw new Beta2Error(file, `groups with β₂ = ${[...found].map((b) => b ?? 'none').join(', ')}`);
  return [...found][0];
};

const foundInstead = (state: PyDict): string => {
  const first = [...state.entries.values()].find(
    (entry) => entry instanceof PyDict && entry.entries.size > 0,
  );
  return first instanceof PyDict
    ? `states of ${[...first.entries.keys()].slice(0, 8).map(String).join(', ').slice(0, 200)}`
    : 'no state of any parameter';
};
