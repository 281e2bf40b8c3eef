import { type RandomAccess, readBytes, refuseStray } from '../source/random-access.js';
import type { TorchArchive } from './torch-archive.js';
import { readLegacyArchive } from './torch-legacy.js';
import { readZipArchive } from './torch-zip.js';

/**
 * Reads the pickle of a file that `torch.save` made: zip (torch ≥ 1.6) or the older sequence of pickles.
 *
 * @throws StrayContentError, PickleRefusedError, PickleFormatError, PickleEndError, WeightFileFormatError, WeightFileLimitError
 */
export const readTorchArchive = async (access: RandomAccess): Promise<TorchArchive> => {
  await refuseStray(access, 'binary');
  const first = await readBytes(access, 0, Math.min(4, access.size));
  const isZip = first[0] === 0x50 && first[1] === 0x4b;
  return isZip ? readZipArchive(access) : readLegacyArchive(access);
};
