import { weightCaps } from './caps.js';
import { WeightFileFormatError, WeightFileLimitError } from './errors.js';
import { openFile, readExactly } from './read-exactly.js';

/** The text of a JSON file of at most `weightCaps.maxJsonBytes`, as strict UTF-8. */
export const readJsonText = async (file: string): Promise<string> => {
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    if (size > weightCaps.maxJsonBytes) {
      throw new WeightFileLimitError(file, 'maxJsonBytes', size, weightCaps.maxJsonBytes);
    }
    const bytes = new Uint8Array(size);
    await readExactly(handle, file, bytes, 0);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) {
      throw new WeightFileFormatError(file, 'bytes that are not UTF-8', 'JSON text', { cause: error });
    }
    throw error;
  } finally {
    await handle.close();
  }
};
