/** Something that a program's function may use as a whole; equal identities stand for equal functions. */
export interface Identified {
  readonly identity: string;
}

const isIdentified = (value: unknown): value is Identified =>
  typeof value === 'object' && value !== null && 'identity' in value && typeof value.identity === 'string';

/**
 * A text that is equal for equal settings and differs for different ones. Objects with an `identity` stand for
 * themselves by it; JSON would drop functions and change numbers that are not finite, so the former are refused and the
 * latter written out.
 *
 * @throws Error for a function without an identity: what it computes would not be part of the text
 */
export const identityOf = (settings: unknown): string =>
  JSON.stringify(settings, (key, value: unknown) => {
    if (isIdentified(value)) return value.identity;
    if (typeof value === 'function') throw new Error(`Setting "${key}" is a function without an identity.`);
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return Object.is(value, -0) ? '-0' : String(value);
    return value;
  }) ?? 'undefined';
