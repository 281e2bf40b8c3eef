import { weightCaps } from '../caps.js';
import { WeightFileFormatError, WeightFileLimitError } from '../errors.js';
import { readBytes, refuseStray } from '../source/random-access.js';
import { openFile } from './open-file.js';

/** The text of a JSON file of at most `weightCaps.maxJsonBytes`, as strict UTF-8. */
export const readJsonText = async (file: string): Promise<string> => {
  const access = await openFile(file);
  try {
    if (access.size > weightCaps.maxJsonBytes) {
      throw new WeightFileLimitError(file, 'maxJsonBytes', access.size, weightCaps.maxJsonBytes);
    }
    await refuseStray(access, 'json');
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(access, 0, access.size));
  } catch (error) {
    if (error instanceof TypeError) {
      throw new WeightFileFormatError(file, 'bytes that are not UTF-8', 'JSON text', { cause: error });
    }
    throw error;
  } finally {
    await access.close();
  }
};
