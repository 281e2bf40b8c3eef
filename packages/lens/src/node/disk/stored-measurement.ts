import { readSealedJson, sha256, writeSealedJson } from '@ntk-lens/core';

const format = 'ntk-lens-measurement';
const version = 2;

/**
 * A measurement that an earlier check left, or a new one, which is written when it is whole. One whose file
 * is damaged, or of another version, is made anew.
 *
 * @example
 * ```ts
 * const gflops = await storedMeasurement('rates.json', { threads: 2 }, () => gemmRate(runtime));
 * ```
 * @param identity everything that it depends on, as JSON; one with another identity is made anew
 * @returns the measurement as JSON keeps it
 * @throws FileSystemError
 */
export const storedMeasurement = async <T>(
  file: string,
  identity: unknown,
  measure: () => Promise<T>,
): Promise<T> => {
  const hash = sha256().update(JSON.stringify(identity)).hex();
  const known = await readSealedJson(file);
  if (known?.whole) {
    const { fields } = known;
    if (fields?.['format'] === format && fields['version'] === version && fields['identity'] === hash)
      return fields['measurement'] as T;
  }
  const measurement = await measure();
  await writeSealedJson(file, { format, version, identity: hash, measurement });
  // A later check will read this.
  return JSON.parse(JSON.stringify(measurement)) as T;
};
