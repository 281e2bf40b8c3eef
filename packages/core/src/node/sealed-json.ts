import { readIfThere } from './read-if-there.js';
import { sha256 } from './sha256.js';
import { writeWhole } from './write-whole.js';

type Fields = Readonly<Record<string, unknown>>;

const sumOf = (fields: Fields): string => sha256().update(JSON.stringify(fields)).hex();

/**
 * Writes a JSON file that carries the SHA-256 of its own content, so that {@link readSealedJson} tells whether it is what was
 * written. The sum is that of the other fields as JSON without spaces; it is the last field, `sha256`.
 */
export const writeSealedJson = (file: string, fields: Fields, indent = 2): Promise<void> => {
  // A reader will parse this: fields without a value are gone.
  const plain = JSON.parse(JSON.stringify(fields)) as Fields;
  return writeWhole(file, `${JSON.stringify({ ...plain, sha256: sumOf(plain) }, undefined, indent)}\n`);
};

/** A JSON file that was found. */
export interface SealedJson {
  /** Its fields except `sha256`, to be trusted only where `whole`; undefined where the file is no record in JSON. */
  readonly fields: Fields | undefined;
  /** True where the sum that it carries is that of its content. */
  readonly whole: boolean;
}

/**
 * Reads a file that {@link writeSealedJson} wrote.
 *
 * @returns undefined where there is no file
 * @throws FileSystemError
 */
export const readSealedJson = async (file: string): Promise<SealedJson | undefined> => {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return { fields: undefined, whole: false };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { fields: undefined, whole: false };
  const { sha256: sum, ...fields } = parsed as Fields;
  return { fields, whole: sum === sumOf(fields) };
};
