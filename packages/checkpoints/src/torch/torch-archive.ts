import type { PickleValue, StorageRef } from './pickle/pickle-values.js';

/** A torch file whose pickle was read and whose tensors were not. */
export interface TorchArchive {
  readonly value: PickleValue;
  /** First byte of a storage in the file; the storage is known to fit. */
  locate(storage: StorageRef): Promise<number>;
  /**
   * Reads a storage once and compares it with the checksum that the file has of it; older files have none.
   *
   * @throws WeightFileFormatError for other bytes
   */
  verify(storage: StorageRef): Promise<void>;
}
