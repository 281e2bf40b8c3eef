import type { ParameterKey } from '@ntk-lens/checkpoints';
import { sha256 } from '@ntk-lens/core';

/**
 * SHA-256, hexadecimal, which identifies the stored v of each parameter. It is taken of the UTF-8 text of a
 * JSON array of `[parameter, key]`, sorted by parameter (UTF-16 code units) and without spaces. A file and
 * its `sha256` do not tell this, since names may come from elsewhere.
 *
 * @example
 * ```ts
 * orderHash(new Map([['b', 0], ['a', 1]])); // SHA-256 of [["a",1],["b",0]]
 * ```
 * @param matched parameter → number or name in the file
 */
export const orderHash = (matched: ReadonlyMap<string, ParameterKey>): string => {
  const pairs = [...matched].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256().update(JSON.stringify(pairs)).hex();
};
