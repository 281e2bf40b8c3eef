import { writeWhole } from '@ntk-lens/core';

/** @internal Writes indented JSON, as a whole or not at all. */
export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeWhole(path, `${JSON.stringify(value, undefined, 2)}\n`);
