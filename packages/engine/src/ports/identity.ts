/** Something that a program's function may use as a whole; equal identities stand for equal functions. */
export interface Identified {
  readonly identity: string;
}

const isIdentified = (value: unknown): value is Identified =>
  typeof value === 'object' && value !== null && 'identity' in value && typeof value.identity === 'string';

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * A text that is equal for equal settings, with keys in the same order, and differs for different ones. Settings are
 * plain values: records and lists of numbers, texts, booleans, `null` and `undefined` (a key without a value is as good
 * as none). Objects with an `identity` stand for themselves by it.
 *
 * @example
 * ```ts
 * identityOf({ factor: 2, of: ['x'] }) === identityOf({ factor: 2, of: ['x'] }); // true
 * ```
 * @throws Error for a function and for an object of a class without an identity: what they compute or hide would not be
 *   part of the text
 */
export const identityOf = (settings: unknown): string => textOf(settings, 'settings');

// JSON would not do: it drops functions, and writes NaN as null, a Map as {} and an identity as the text that equals it.
const textOf = (value: unknown, path: string): string => {
  if (isIdentified(value)) return `@${JSON.stringify(value.identity)}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item, i) => textOf(item, `${path}[${i}]`)).join()}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const fields = Object.entries(value).filter(([, item]) => item !== undefined);
    const texts = fields.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item, `${path}.${key}`)}`);
    return `{${texts.join()}}`;
  }
  const found =
    typeof value === 'object' ? `an object of class ${value.constructor.name}` : `a ${typeof value}`;
  throw new Error(`${path} is ${found} without an identity; programs depend on plain values.`);
};
