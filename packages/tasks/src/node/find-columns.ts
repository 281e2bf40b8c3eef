import { type FindColumnsOptions, type FoundColumns, findColumns } from '../columns/find-columns.js';
import { readDataFile } from './read-data-file.js';

/**
 * {@link findColumns} of a file.
 *
 * @example
 * ```ts
 * const { textColumns, labelColumn, labels } = await findColumnsIn('tickets.csv');
 * ```
 * @throws MissingDataError, and what `findColumns` throws
 */
export const findColumnsIn = async (path: string, options: FindColumnsOptions = {}): Promise<FoundColumns> =>
  findColumns(await readDataFile(path), path, options);
