import { sizeOf } from '@ntk-lens/core';
import { weightCaps } from '../../caps.js';
import { WeightFileLimitError } from '../../errors.js';
import type { StoredDType } from '../../source/weight-source.js';
import { PickleFormatError, PickleRefusedError } from './pickle-errors.js';
import {
  GlobalRef,
  type PickleValue,
  PyDict,
  PyList,
  PyTuple,
  StorageRef,
  TensorRef,
} from './pickle-values.js';

/** The place in a file at which a rule was broken. */
export interface PicklePlace {
  readonly file: string;
  readonly position: number;
  /** Charges work to the pickle's budget; without it, calls on one large list would add up to hours. */
  spend(items: number): void;
}

const storageTypes: ReadonlyMap<string, StoredDType> = new Map([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

const rebuildTensor = new Set(['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']);
const rebuildParameter = 'torch._utils._rebuild_parameter';
const orderedDict = 'collections.OrderedDict';
const size = 'torch.Size';

/**
 * The only globals a pickle may name. None is looked up anywhere: {@link callGlobal} knows what each would do.
 *
 * @throws PickleRefusedError for everything else, by name
 */
export const findGlobal = (module: string, name: string, place: PicklePlace): GlobalRef => {
  const full = `${module}.${name}`;
  const known =
    storageTypes.has(full) ||
    rebuildTensor.has(full) ||
    full === rebuildParameter ||
    full === orderedDict ||
    full === size;
  if (!known) throw new PickleRefusedError(place.file, `the global "${full.slice(0, 200)}"`);
  return new GlobalRef(full);
};

/** The result of calling an allow-listed global. */
export const callGlobal = (callee: PickleValue, args: PickleValue, place: PicklePlace): PickleValue => {
  if (!(callee instanceof GlobalRef) || !(args instanceof PyTuple)) {
    throw new PickleFormatError(
      place.file,
      place.position,
      'a call of a value',
      'a call of a global with a tuple',
    );
  }
  if (rebuildTensor.has(callee.name)) return tensorOf(args.items, place);
  if (callee.name === rebuildParameter && args.items[0] instanceof TensorRef) return args.items[0];
  if (callee.name === orderedDict) return dictOf(args.items, place);
  if (callee.name === size && args.items.length === 1 && args.items[0] instanceof PyTuple)
    return args.items[0];
  throw new PickleRefusedError(place.file, `a call of "${callee.name}" with unknown arguments`);
};

/** The storage that a persistent id `('storage', type, key, location, elements)` names. */
export const storageOf = (id: PickleValue, place: PicklePlace): StorageRef => {
  const [tag, type, key, , elements, view] = id instanceof PyTuple ? id.items : [];
  const dtype = type instanceof GlobalRef ? storageTypes.get(type.name) : undefined;
  const known = tag === 'storage' && dtype !== undefined && typeof key === 'string' && isSize(elements);
  if (!known || (view !== undefined && view !== null)) {
    throw new PickleFormatError(
      place.file,
      place.position,
      'another persistent id',
      "('storage', type, key, …)",
    );
  }
  return new StorageRef(key, dtype, elements);
};

const tensorOf = (args: readonly PickleValue[], place: PicklePlace): TensorRef => {
  const [storage, offset, shape, strides] = args;
  const wrong = (found: string, expected: string): never => {
    throw new PickleFormatError(place.file, place.position, found, expected);
  };
  if (!(storage instanceof StorageRef)) return wrong('a tensor without a storage', 'a storage');
  const sizes = sizesOf(shape);
  const steps = sizesOf(strides);
  if (!isSize(offset) || sizes === undefined || steps === undefined || sizes.length !== steps.length) {
    return wrong('a tensor with a malformed shape', 'an offset, sizes and strides');
  }
  if (sizes.length > weightCaps.maxDimensions) {
    throw new WeightFileLimitError(place.file, 'maxDimensions', sizes.length, weightCaps.maxDimensions);
  }
  const elements = sizeOf(sizes);
  if (elements > weightCaps.maxElements) {
    throw new WeightFileLimitError(place.file, 'maxElements', elements, weightCaps.maxElements);
  }
  const last = sizes.reduce((index, n, d) => index + (n - 1) * steps[d]!, offset);
  if (elements > 0 && last >= storage.elements) {
    return wrong(
      `a tensor [${sizes}] with strides [${steps}] from element ${offset} of a storage of ${storage.elements}`,
      'a view inside its storage',
    );
  }
  return new TensorRef(storage, offset, sizes, steps);
};

const dictOf = (args: readonly PickleValue[], place: PicklePlace): PyDict => {
  const dict = new PyDict();
  if (args.length === 0) return dict;
  const pairs = args[0] instanceof PyList ? args[0].items : undefined;
  place.spend(pairs?.length ?? 0);
  for (const pair of pairs ?? [null]) {
    const [key, value, ...rest] = pair instanceof PyList || pair instanceof PyTuple ? pair.items : [];
    if (value === undefined || rest.length > 0) {
      throw new PickleFormatError(place.file, place.position, 'a malformed OrderedDict', 'a list of pairs');
    }
    dict.entries.set(keyOf(key ?? null, place), value);
  }
  return dict;
};

/** A value that may be a dictionary key. */
export const keyOf = (value: PickleValue, place: PicklePlace): string | number | bigint | boolean | null => {
  if (typeof value === 'object' && value !== null) {
    throw new PickleFormatError(
      place.file,
      place.position,
      'a container as dictionary key',
      'text or a number',
    );
  }
  return value;
};

const sizesOf = (value: PickleValue | undefined): readonly number[] | undefined => {
  const items = value instanceof PyTuple || value instanceof PyList ? value.items : undefined;
  return items !== undefined && items.length <= 64 && items.every(isSize)
    ? (items as readonly number[])
    : undefined;
};

const isSize = (value: PickleValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
