import { PatternError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';
import { MAX_PATTERN_LENGTH } from '../limits.js';
import type { Work } from '../work.js';
import { Matcher } from './matcher.js';
import { parseExpression } from './parse-expression.js';
import { PatternSyntaxError } from './pattern-reader.js';
import { compileExpression } from './program.js';

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
 * A regular expression in Oniguruma's syntax, matched in time linear in the text.
 *
 * @throws PatternSyntaxError
 */
export const regularPattern = (source: string, work: Work): Pattern => {
  if (source.length > MAX_PATTERN_LENGTH)
    throw new PatternSyntaxError(`is longer than ${MAX_PATTERN_LENGTH} characters`);
  const matcher = new Matcher(compileExpression(parseExpression(source)), work);
  return (text, visit) => matcher.forEachMatch(text, visit);
};

/** Reads `{ "String": … }` or `{ "Regex": … }`. */
export const readPattern = (reader: JsonReader, work: Work): Pattern => {
  if (typeof reader.value === 'string') return literalPattern(reader.string());
  const string = reader.get('String');
  if (!string.missing) return literalPattern(string.string());
  const regex = reader.get('Regex');
  if (regex.missing) throw reader.fail('{"String": …} or {"Regex": …}');
  const source = regex.string();
  try {
    return regularPattern(source, work);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    throw new PatternError(reader.file, regex.path, source, error.message);
  }
};
