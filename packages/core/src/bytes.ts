import { BadArgumentError } from './errors.js';

const units: Readonly<Record<string, number>> = {
  '': 1,
  ...{ k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
};

/**
 * An amount of memory in bytes.
 *
 * @example
 * ```ts
 * parseBytes('512MiB'); // 536870912
 * parseBytes('2 GB'); // 2000000000
 * ```
 * @throws BadArgumentError for a text that is no amount, and for less than one byte
 */
export const parseBytes = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim());
  const value = match ? Math.floor(Number(match[1]) * units[(match[2] ?? '').toLowerCase()]!) : 0;
  if (value >= 1 && Number.isSafeInteger(value)) return value;
  throw new BadArgumentError('memory', text, 'an amount such as 4GB or 512MiB');
};
