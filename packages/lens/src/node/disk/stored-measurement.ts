import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeJson } from '../store/write-json.js';

interface Stored<T> {
  readonly format: 'ntk-lens-measurement';
  readonly version: 1;
  /** SHA-256 of everything that the measurement depends on. */
  readonly identity: string;
  readonly measurement: T;
}

/**
 * A measurement that an earlier check left, or a new one, which is written when it is whole.
 *
 * @param identity everything that it depends on; one with another identity is made anew
 *
 * @internal
 */
export const storedMeasurement = async <T>(
  file: string,
  identity: unknown,
  measure: () => Promise<T>,
): Promise<T> => {
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  const known = await readStored<T>(file);
  if (known?.identity === hash) return known.measurement;
  const stored: Stored<T> = {
    format: 'ntk-lens-measurement',
    version: 1,
    identity: hash,
    measurement: await measure(),
  };
  await writeJson(file, stored);
  // What a later check will read.
  return JSON.parse(JSON.stringify(stored.measurement)) as T;
};

const readStored = async <T>(file: string): Promise<Stored<T> | undefined> => {
  try {
    const stored = JSON.parse(await readFile(file, 'utf8')) as Stored<T>;
    return stored?.format === 'ntk-lens-measurement' && stored.version === 1 ? stored : undefined;
  } catch {
    return undefined;
  }
};
