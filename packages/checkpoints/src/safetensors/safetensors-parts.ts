import { BadArgumentError, type DType, type NDArray } from '@ntk-lens/core';
import { concatenated } from '../bytes.js';
import type { StoredDType } from '../source/weight-source.js';

const dtypeNames: Readonly<Record<DType, StoredDType>> = {
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
};

/** The parts of a safetensors file: its header, and the bytes of each tensor, which are not copied. */
export const safetensorsParts = (
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>>,
): { readonly header: Uint8Array; readonly tensors: readonly (readonly [string, Uint8Array])[] } => {
  let offset = 0;
  const entries: [string, unknown][] = [['__metadata__', { ...metadata }]];
  for (const [name, { dtype, shape, data }] of tensors) {
    if (name === '__metadata__') throw new BadArgumentError('tensor name', name, 'another name');
    entries.push([
      name,
      { dtype: dtypeNames[dtype], shape, data_offsets: [offset, (offset += data.byteLength)] },
    ]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces make the data start at a multiple of 8, so that readers can map it in place.
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  const bytes = [...tensors].map(
    ([name, { data }]) => [name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] as const,
  );
  return { header, tensors: bytes };
};

/**
 * The bytes of a safetensors file.
 *
 * @example
 * ```ts
 * const bytes = encodeSafetensors(new Map([['w', ndarray(Float32Array.of(1, 2, 3, 4), [2, 2])]]));
 * await (await safetensorsFrom(bytes)).read('w'); // { dtype: 'float32', shape: [2, 2], data: [1, 2, 3, 4] }
 * ```
 * @param tensors name → array, in this order in the file
 * @param metadata strings for `__metadata__`; transformers wants `format: 'pt'`, the default
 * @throws BadArgumentError for a tensor called `__metadata__`
 */
export const encodeSafetensors = (
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array => {
  const { header, tensors: bytes } = safetensorsParts(tensors, metadata);
  return concatenated([header, ...bytes.map(([, part]) => part)]);
};
