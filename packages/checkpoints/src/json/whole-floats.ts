// transformers 5 tells 30.0 from 30, and refuses a whole number for a field that is a float. JSON.parse does not.

const MARK = '\u0001float ';
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * A valid JSON text whose whole numbers that are written as floats, such as 30.0, are strings instead, which
 * `restoreWholeFloats` turns back.
 *
 * @example
 * ```ts
 * restoreWholeFloats(JSON.stringify(JSON.parse(markWholeFloats('{"cap": 30.0}')))); // '{"cap":30.0}'
 * ```
 */
export const markWholeFloats = (text: string): string =>
  text.replace(tokens, (token) =>
    !token.startsWith('"') && /[.eE]/.test(token) && Number.isInteger(Number(token))
      ? JSON.stringify(`${MARK}${token}`)
      : token,
  );

const marked = new RegExp(`"${JSON.stringify(MARK).slice(1, -1).replace('\\', '\\\\')}([-+.0-9eE]+)"`, 'g');

/** A JSON text with the numbers that {@link markWholeFloats} made strings of. */
export const restoreWholeFloats = (text: string): string => text.replace(marked, '$1');
