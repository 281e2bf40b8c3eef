import { concatenated } from '../bytes.js';
import { type TorchWriteOptions, writePickle } from './pickle/pickle-writer.js';
import type { TorchValue } from './torch-value.js';
import { writeZip, type ZipInput } from './zip/zip-writer.js';

/**
 * The bytes of a file in the zip format of `torch.save`, which `torch.load(file, weights_only=True)` reads. Equal
 * values give equal bytes.
 *
 * @throws BadArgumentError
 */
export const encodeTorchFile = async (
  value: TorchValue,
  options: TorchWriteOptions = {},
): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  await writeZip(torchEntries(value, options), async (bytes) => void parts.push(bytes));
  return concatenated(parts);
};

/** The entries of the zip file: the pickle, and each tensor, which is not copied. */
export const torchEntries = (value: TorchValue, options: TorchWriteOptions): ZipInput[] => {
  const { pickle, storages } = writePickle(value, options);
  const text = (content: string) => new TextEncoder().encode(content);
  return [
    { name: 'archive/data.pkl', bytes: pickle },
    { name: 'archive/byteorder', bytes: text('little') },
    ...storages.map(({ key, bytes }) => ({ name: `archive/data/${key}`, bytes })),
    { name: 'archive/version', bytes: text('3\n') },
  ];
};
