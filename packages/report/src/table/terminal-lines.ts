import { wrapText } from '@ntk-lens/core';
import stringWidth from 'string-width';

const wrappedLine = (line: string, columns: number): readonly string[] => {
  if (stringWidth(line) <= columns) return [line];
  const start = /^ */.exec(line)![0];
  return wrapText(line.slice(start.length), columns - start.length - 2, stringWidth).map(
    (part, i) => `${start}${i === 0 ? '' : '  '}${part.trim()}`,
  );
};

/**
 * The lines of a text, broken between words where a terminal is narrower, and continued two columns to the right.
 *
 * @example
 * ```ts
 * terminalLines('a note that goes on', 12); // ['a note', '  that goes', '  on']
 * ```
 * @param columns width of the terminal; default: as wide as the lines are
 */
export const terminalLines = (text: string, columns = Number.POSITIVE_INFINITY): readonly string[] =>
  text.split('\n').flatMap((line) => wrappedLine(line, columns));
