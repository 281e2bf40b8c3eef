import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { UnsafePatternError } from './errors.js';
import type { JsonReader } from './json-reader.js';
import { MAX_PATTERN_LENGTH } from './limits.js';

/** Calls `visit` with each match, in UTF-16 units; matches do not overlap and may be empty. */
export type Pattern = (text: string, visit: (start: number, end: number) => void) => void;

/** Every place of a string. */
export const literalPattern =
  (needle: string): Pattern =>
  (text, visit) => {
    if (needle === '') return;
    for (let i = text.indexOf(needle); i >= 0; i = text.indexOf(needle, i + needle.length))
      visit(i, i + needle.length);
  };

/**
 * Reads `{ "String": … }` or `{ "Regex": … }`. Oniguruma's syntax is translated by `@huggingface/tokenizers`.
 * A group that is repeated and repeats or chooses inside could take exponential time and is refused.
 */
export const readPattern = (reader: JsonReader): Pattern => {
  if (typeof reader.value === 'string') return literalPattern(reader.string());
  const string = reader.get('String');
  if (!string.missing) return literalPattern(string.string());
  const regex = reader.get('Regex');
  if (regex.missing) throw reader.fail('{"String": …} or {"Regex": …}');
  const source = regex.string();
  const refuse = (reason: string, cause?: unknown) =>
    new UnsafePatternError(reader.file, regex.path, source, reason, { cause });
  if (source.length > MAX_PATTERN_LENGTH) throw refuse(`is longer than ${MAX_PATTERN_LENGTH}`);
  if (repeatsNested(source)) throw refuse('repeats a group that repeats or chooses inside');
  let compiled: RegExp | null;
  try {
    compiled = new SplitPreTokenizer({
      type: 'Split',
      pattern: { Regex: source },
      behavior: 'Isolated',
      invert: false,
    }).pattern;
  } catch (cause) {
    throw refuse('is not a regular expression', cause);
  }
  if (compiled === null) throw refuse('is not a regular expression');
  const expression = compiled;
  return (text, visit) => {
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      visit(match.index, match.index + match[0].length);
      if (match[0].length === 0)
        expression.lastIndex += (text.codePointAt(expression.lastIndex) ?? 0) > 0xffff ? 2 : 1;
    }
  };
};

/** True when some repeated group holds a repetition or a choice. */
const repeatsNested = (source: string): boolean => {
  const groups: boolean[] = [];
  let closed: boolean | undefined;
  let inClass = 0;
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    const justClosed = closed;
    closed = undefined;
    if (c === '\\') i++;
    else if (inClass > 0) inClass += c === '[' ? 1 : c === ']' ? -1 : 0;
    else if (c === '[') inClass++;
    else if (c === '(') groups.push(false);
    else if (c === ')') {
      closed = groups.pop() ?? false;
      if (closed && groups.length > 0) groups[groups.length - 1] = true;
    } else if (c === '*' || c === '+' || (c === '{' && /^\{\d*,?\d*\}/.test(source.slice(i, i + 24)))) {
      if (justClosed) return true;
      if (groups.length > 0) groups[groups.length - 1] = true;
    } else if (c === '|' && groups.length > 0) groups[groups.length - 1] = true;
  }
  return false;
};
