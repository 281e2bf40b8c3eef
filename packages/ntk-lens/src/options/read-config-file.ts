import { FileSystemError, isError, readText } from '@ntk-lens/core';
import type { z } from 'zod';
import { ConfigFileError } from './errors.js';

/**
 * Reads a `config.json` that the program wrote, or one of the same fields.
 *
 * @param check looks at what the file holds before its schema does
 * @throws TextEncodingError, TextSizeError; ConfigFileError for a file that cannot be read, is not JSON, or does not fit the schema; what `check` throws
 */
export const readConfigFile = async <T>(
  file: string,
  schema: z.ZodType<T>,
  check?: (file: string, content: unknown) => void,
): Promise<T> => {
  let text: string;
  try {
    text = await readText(file);
  } catch (cause) {
    if (!isError(cause, FileSystemError)) throw cause;
    throw new ConfigFileError(file, 'no such readable file', { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigFileError(file, `not JSON (${(cause as Error).message})`, { cause });
  }
  check?.(file, json);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const found = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `field "${path.join('.')}": ${message}`,
  );
  throw new ConfigFileError(file, found.join(' '));
};
