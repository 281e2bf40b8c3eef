import { type LongTaskOptions, type NDArray, sha256, throwIfCancelled } from '@ntk-lens/core';
import { safetensorsParts } from '../safetensors/safetensors-parts.js';
import { torchEntries } from '../torch/encode-torch-file.js';
import type { TorchWriteOptions } from '../torch/pickle/pickle-writer.js';
import type { TorchValue } from '../torch/torch-value.js';
import { writeZip } from '../torch/zip/zip-writer.js';
import { writeAtomically } from './write-atomically.js';

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
 * @returns SHA-256 of the file, hexadecimal
 * @throws WeightWriteError, BadArgumentError, CancelledError
 */
export const writeSafetensors = async (
  file: string,
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
  options: LongTaskOptions = {},
): Promise<string> => {
  const hash = sha256();
  const parts = safetensorsParts(tensors, metadata);
  const total = parts.tensors.reduce((sum, [, { byteLength }]) => sum + byteLength, 0);
  await writeAtomically(file, async (append) => {
    hash.update(parts.header);
    await append(parts.header);
    let done = 0;
    for (const [name, bytes] of parts.tensors) {
      throwIfCancelled(options.signal, `Writing ${file}`);
      hash.update(bytes);
      await append(bytes);
      done += bytes.byteLength;
      options.onProgress?.({ phase: 'save', done, total, unit: 'bytes', detail: name });
    }
  });
  return hash.hex();
};

/**
 * Writes the file of `encodeTorchFile`. It appears only when whole; tensors are not copied.
 *
 * @example
 * ```ts
 * await writeTorchFile('train_kernels_SST-2.pt', [kernel, labels]); // kernel, labels = torch.load(…)
 * ```
 * @throws WeightWriteError, BadArgumentError
 */
export const writeTorchFile = (
  file: string,
  value: TorchValue,
  options: TorchWriteOptions = {},
): Promise<void> => {
  const entries = torchEntries(value, options);
  return writeAtomically(file, (append) => writeZip(entries, append));
};
