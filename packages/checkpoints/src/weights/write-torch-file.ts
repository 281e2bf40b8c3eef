import { type TorchWriteOptions, writePickle } from './pickle-writer.js';
import type { TorchValue } from './read-torch-file.js';
import { writeAtomically } from './write-atomically.js';
import { writeZip, type ZipInput } from './zip-writer.js';

/**
 * Writes a value in the zip format of `torch.save`, so that `torch.load(file, weights_only=True)` reads it.
 * Equal values give equal bytes. The file appears only when whole; tensors are not copied.
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
  const inputs = entriesOf(value, options);
  return writeAtomically(file, (append) => writeZip(inputs, append));
};

/** The bytes that {@link writeTorchFile} writes. */
export const encodeTorchFile = async (
  value: TorchValue,
  options: TorchWriteOptions = {},
): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  await writeZip(entriesOf(value, options), async (bytes) => void parts.push(bytes));
  return Buffer.concat(parts);
};

const entriesOf = (value: TorchValue, options: TorchWriteOptions): ZipInput[] => {
  const { pickle, storages } = writePickle(value, options);
  const text = (content: string) => new TextEncoder().encode(content);
  return [
    { name: 'archive/data.pkl', bytes: pickle },
    { name: 'archive/byteorder', bytes: text('little') },
    ...storages.map(({ key, bytes }) => ({ name: `archive/data/${key}`, bytes })),
    { name: 'archive/version', bytes: text('3\n') },
  ];
};
