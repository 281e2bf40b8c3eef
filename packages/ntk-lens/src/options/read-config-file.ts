import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigFileError } from './errors.js';

/**
 * Reads a `config.json` that the program wrote.
 *
 * @throws ConfigFileError for a file that cannot be read, is not JSON, or does not fit the schema
 */
export const readConfigFile = async <T>(file: string, schema: z.ZodType<T>): Promise<T> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigFileError(file, 'no such readable file', { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigFileError(file, `not JSON (${(cause as Error).message})`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ConfigFileError(file, z.prettifyError(parsed.error).replaceAll('\n', ' ').replaceAll('✖ ', ''));
};
