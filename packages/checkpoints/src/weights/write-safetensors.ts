import {
  BadArgumentError,
  type DType,
  type LongTaskOptions,
  type NDArray,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { StoredDType } from './weight-source.js';
import { writeAtomically } from './write-atomically.js';

const dtypeNames: Readonly<Record<DType, StoredDType>> = {
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
};

/**
 * Writes a safetensors file, one tensor after another without another copy; it appears only when whole.
 *
 * @example
 * ```ts
 * await writeSafetensors('adapter_model.safetensors', new Map([['w', ndarray(data, [2, 3])]]), { format: 'pt' });
 * ```
 * @param file path of the file
 * @param tensors name → array, in this order in the file
 * @param metadata strings for `__metadata__`; transformers wants `format: 'pt'`
 * @throws WeightWriteError, BadArgumentError, CancelledError
 */
export const writeSafetensors = async (
  file: string,
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
  options: LongTaskOptions = {},
): Promise<void> => {
  let offset = 0;
  const entries: [string, unknown][] = [['__metadata__', { ...metadata }]];
  for (const [name, { dtype, shape, data }] of tensors) {
    if (name === '__metadata__') throw new BadArgumentError('tensor name', name, 'another name');
    entries.push([
      name,
      { dtype: dtypeNames[dtype], shape, data_offsets: [offset, (offset += data.byteLength)] },
    ]);
  }
  const text = JSON.stringify(Object.fromEntries(entries));
  const json = new TextEncoder().encode(text);
  // Spaces make the data start at a multiple of 8, so that readers can map it in place.
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  await writeAtomically(file, async (append) => {
    await append(header);
    let done = 0;
    for (const [name, { data }] of tensors) {
      throwIfCancelled(options.signal, `Writing ${file}`);
      await append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      done += data.byteLength;
      options.onProgress?.({ phase: 'save', done, total: offset, unit: 'bytes', detail: name });
    }
  });
};
