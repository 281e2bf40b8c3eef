import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { TextTooLongError, UnsafePatternError } from './errors.js';
import type { JsonReader } from './json-reader.js';
import { MAX_PATTERN_LENGTH, MAX_PATTERN_TEXT_LENGTH } from './limits.js';
import { whyUnsafe } from './pattern-safety.js';

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

/** ` {2,}`, which every SentencePiece tokenizer has: linear, so for texts of any length. */
const severalSpaces: Pattern = (text, visit) => {
  for (let i = text.indexOf('  '); i >= 0; ) {
    let end = i + 2;
    while (text[end] === ' ') end++;
    visit(i, end);
    i = text.indexOf('  ', end);
  }
};

/**
 * Reads `{ "String": … }` or `{ "Regex": … }`. Oniguruma's syntax is translated by `@huggingface/tokenizers`;
 * an expression that could take more than quadratic time is refused.
 */
export const readPattern = (reader: JsonReader): Pattern => {
  if (typeof reader.value === 'string') return literalPattern(reader.string());
  const string = reader.get('String');
  if (!string.missing) return literalPattern(string.string());
  const regex = reader.get('Regex');
  if (regex.missing) throw reader.fail('{"String": …} or {"Regex": …}');
  const source = regex.string();
  if (source === ' {2,}') return severalSpaces;
  const expression = compile(source, (reason, cause) => {
    throw new UnsafePatternError(reader.file, regex.path, source, reason, { cause });
  });
  return (text, visit) => {
    if (text.length > MAX_PATTERN_TEXT_LENGTH)
      throw new TextTooLongError(text.length, MAX_PATTERN_TEXT_LENGTH, `for ${regex.path}`);
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      visit(match.index, match.index + match[0].length);
      if (match[0].length === 0)
        expression.lastIndex += (text.codePointAt(expression.lastIndex) ?? 0) > 0xffff ? 2 : 1;
    }
  };
};

const compile = (source: string, refuse: (reason: string, cause?: unknown) => never): RegExp => {
  if (source.length > MAX_PATTERN_LENGTH) refuse(`is longer than ${MAX_PATTERN_LENGTH}`);
  const reason = whyUnsafe(source);
  if (reason !== undefined) refuse(reason);
  try {
    const split = { type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false } as const;
    const { pattern } = new SplitPreTokenizer(split);
    if (pattern !== null) return pattern;
  } catch (cause) {
    refuse('is not a regular expression', cause);
  }
  return refuse('is not a regular expression');
};
