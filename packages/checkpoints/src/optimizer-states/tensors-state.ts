import { ndarray, sizeOf } from '@ntk-lens/core';
import { readSafetensorsHeader, type SafetensorsHeader } from '../safetensors/safetensors-header.js';
import { accessTo, orClosed, type RandomAccess, type WeightBytes } from '../source/random-access.js';
import { readElements } from '../source/read-elements.js';
import { readFloat32 } from '../source/read-float32.js';
import type { WeightInfo } from '../source/weight-source.js';
import { Beta2Error, NotAdamStateError, OptimizerStateFormatError, TrainingStateError } from './errors.js';
import {
  otherOptimizerFields,
  type ParameterKey,
  type StoredMoment,
  type StoredState,
  storedIn,
} from './stored-state.js';

const fields = new Set(['step', 'exp_avg', 'exp_avg_sq', 'momentum_buffer', ...otherOptimizerFields]);

/**
 * Reads a state in a safetensors file. There is no one format: tensors are called `<parameter>.exp_avg_sq`,
 * `exp_avg_sq.<parameter>`, or, as torch's distributed checkpoints flatten a state,
 * `state.<parameter>.exp_avg_sq`, where a parameter is a name or the optimizer's number of it. Steps are
 * tensors called likewise, one tensor `step`, or `step` in `__metadata__`; β₂ is `beta2`, or the second of
 * `betas`, in `__metadata__`.
 *
 * @param from bytes, a `Blob`, or a `RandomAccess`, which closes with the result
 * @param name name of the file in errors
 * @throws OptimizerStateFormatError, NotAdamStateError, TrainingStateError, Beta2Error, and every error of
 * the
 *   safetensors reader
 */
export const tensorsStateFrom = async (from: WeightBytes, name?: string): Promise<StoredState> => {
  const access = accessTo(from, name);
  return orClosed(access, async () => stateOf(access, await readSafetensorsHeader(access)));
};

/** The parameter and the field that a tensor's name means. */
const placeOf = (name: string): { readonly key: ParameterKey; readonly field: string } | undefined => {
  const [, parameter, last] = /^(?:state\.)?(.+)\.([^.]+)$/.exec(name) ?? [];
  const [, first, rest] = /^([^.]+)\.(.+)$/.exec(name) ?? [];
  const [found, field] = fields.has(last ?? '')
    ? [parameter!, last!]
    : fields.has(first ?? '')
      ? [rest!, first!]
      : [undefined, ''];
  if (found === undefined) return undefined;
  return { key: /^\d{1,9}$/.test(found) ? Number(found) : found, field };
};

const stateOf = (access: RandomAccess, { tensors, metadata }: SafetensorsHeader): StoredState => {
  const file = access.name;
  const names = [...tensors.keys()];
  if (names.some((name) => name.endsWith(' second')) && names.some((name) => name.endsWith(' first')))
    throw new TrainingStateError(file);
  const steps = new Map<ParameterKey, string>();
  const second = new Map<ParameterKey, string>();
  const kinds = new Set<string>();
  for (const name of names) {
    const place = placeOf(name);
    if (!place) continue;
    const { key, field } = place;
    kinds.add(field);
    if (otherOptimizerFields.includes(field)) throw new NotAdamStateError(file, `a state with ${field}`);
    const map = field === 'step' ? steps : field === 'exp_avg_sq' ? second : undefined;
    if (map?.has(key))
      throw new OptimizerStateFormatError(file, `${field} of "${key}" twice`, 'every tensor once');
    map?.set(key, name);
  }
  if (kinds.size === 0) {
    const found = `tensors ${names.slice(0, 4).join(', ').slice(0, 200) || 'of no name'}`;
    throw new OptimizerStateFormatError(file, found, 'tensors <parameter>.exp_avg_sq');
  }
  if (second.size === 0) throw new NotAdamStateError(file, `states of ${[...kinds].join(', ')}`);
  const moments = new Map<ParameterKey, StoredMoment>();
  for (const [key, name] of second) {
    const { shape, dtype, byteOffset } = tensors.get(name)!;
    const stepTensor = tensors.get(steps.get(key) ?? 'step');
    moments.set(key, {
      shape,
      step: async () =>
        stepTensor === undefined ? numberIn(metadata.get('step')) : scalarOf(access, stepTensor),
      read: async (parameter) => {
        const range = { dtype, byteOffset, elements: sizeOf(shape) };
        return ndarray<'float32'>(await readFloat32(access, parameter, range), shape);
      },
    });
  }
  const beta2 = beta2Of(metadata, file);
  return {
    format: 'safetensors',
    moments,
    beta2,
    ...storedIn(access),
  };
};

const numberIn = (text: string | undefined): number | undefined =>
  text === undefined || text.trim() === '' ? undefined : Number(text);

const scalarOf = async (
  access: RandomAccess,
  { dtype, byteOffset, shape }: WeightInfo,
): Promise<number | undefined> =>
  sizeOf(shape) === 1 ? (await readElements(access, { dtype, byteOffset, elements: 1 }))[0] : undefined;

/** From `beta2`, or from `betas` in the writing of JSON or of Python. */
const beta2Of = (metadata: ReadonlyMap<string, string>, file: string): number | undefined => {
  const betas = metadata.get('betas');
  const text = metadata.get('beta2') ?? (betas && /^\s*[[(][^,]*,([^,]*)[\])]\s*$/.exec(betas)?.[1]);
  if (text === undefined && betas === undefined) return undefined;
  const beta2 = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(beta2)) throw new Beta2Error(file, `betas ${JSON.stringify((betas ?? '').slice(0, 80))}`);
  return beta2;
};
