import { limits } from '../limits.js';
import type { TableRow } from '../read/parse-table.js';
import type { Column } from '../spec/table-format.js';

/** The observed properties of a table's column. */
export interface ColumnProfile {
  /** Its name, or its number from 0 where no header names it. */
  readonly column: Column;
  readonly rows: number;
  /** Rows in which it is blank. */
  readonly blank: number;
  /**
   * Number of different values that are not blank; no more are counted than a task may have labels, and one.
   */
  readonly distinct: number;
  /** Mean number of words of a cell that is not blank. */
  readonly words: number;
  /** Share of letters among its characters that are no spaces. */
  readonly letters: number;
}

/** A profile with the values behind it. */
export interface ProfiledColumn extends ColumnProfile {
  /** Number of occurrences of each value, and the line of its first one. */
  readonly values: ReadonlyMap<string, number>;
  /** Line of the first row in which it is blank. */
  readonly blankLine?: number;
}

/** Cells of which words and letters are counted: more do not change what a column is. */
const SAMPLE = 2000;

/** A word, or a character of a script that puts no spaces between words. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[\p{L}\p{N}\p{M}'’]+/gu;

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** A cell as text; what is no text, number or boolean counts as blank. */
const cellOf = ({ cells }: TableRow, column: Column): string => {
  const value: unknown = Array.isArray(cells)
    ? cells[column as number]
    : Object.hasOwn(cells, column)
      ? (cells as Readonly<Record<string, unknown>>)[column]
      : '';
  return typeof value === 'string'
    ? value
    : ['number', 'boolean'].includes(typeof value)
      ? String(value)
      : '';
};

/**
 * Looks at one column of a table.
 *
 * @param at its number where rows are lists of cells
 */
export const profileColumn = (rows: readonly TableRow[], column: Column, at: Column): ProfiledColumn => {
  const values = new Map<string, number>();
  let [blank, blankLine, words, letters, characters, seen] = [0, undefined as number | undefined, 0, 0, 0, 0];
  for (const row of rows) {
    const cell = cellOf(row, at);
    if (cell.trim() === '') {
      blank++;
      blankLine ??= row.line;
      continue;
    }
    if (values.has(cell) || values.size <= limits.labels) values.set(cell, (values.get(cell) ?? 0) + 1);
    if (seen === SAMPLE) continue;
    seen++;
    words += countOf(cell, WORD);
    letters += countOf(cell, /[\p{L}\p{M}]/gu);
    characters += countOf(cell, /\S/gu);
  }
  return {
    ...{ column, rows: rows.length, blank, blankLine, values },
    distinct: values.size,
    words: words / Math.max(seen, 1),
    letters: letters / Math.max(characters, 1),
  };
};
