import type { Example } from '@ntk-lens/core';
import { DataFormatError, MissingColumnError, UnknownLabelError } from '../errors.js';
import type { Column, TableFormat } from '../spec/table-format.js';
import { parseTable, shorten, type Table, type TableRow } from './parse-table.js';

/** The rules that {@link parseExamples} checks examples against. */
export interface ExampleRules {
  readonly kind?: 'classification' | 'regression';
  /** Labels that may occur; any if not given. Ignored for regression. */
  readonly labels?: readonly string[];
  /** Lowest and highest score of a regression task. */
  readonly range?: readonly [number, number];
}

/**
 * Reads examples from the text of a CSV, TSV or JSON-lines file.
 *
 * @example
 * ```ts
 * parseExamples('good,fine film\nbad,dull film\n', { type: 'csv', header: false, textColumns: [1], labelColumn: 0 }, 'mine.csv');
 * // [{ texts: ['fine film'], label: 'good' }, { texts: ['dull film'], label: 'bad' }]
 * ```
 * @param text the file's text
 * @param format the columns and their content
 * @param file name of the file in error messages
 * @param rules the accepted values
 * @returns examples in file order
 * @throws MissingColumnError, DataFormatError, UnknownLabelError with the file and the line
 */
export const parseExamples = (
  text: string,
  format: TableFormat,
  file: string,
  rules: ExampleRules = {},
): Example[] => {
  const table = parseTable(text, format, file);
  const textCells = format.textColumns.map((column) => cellReader(table, format, column, file));
  const labelCell = cellReader(table, format, format.labelColumn, file);
  const examples: Example[] = [];
  for (const row of table.rows) {
    const texts = textCells.map((read) => read(row));
    const label = labelCell(row);
    if (label === undefined || !texts.every((cell) => cell !== undefined)) {
      if (format.skipShortRows) continue;
      throw shortRow(row, format, table, file);
    }
    const blank = format.allowBlankText ? undefined : texts.find((cell) => cell.trim() === '');
    if (blank !== undefined) throw new DataFormatError(file, row.line, 'a blank text', 'text');
    examples.push({ texts, label: checkLabel(mapLabel(format, label), row.line, file, rules) });
  }
  return examples;
};

const mapLabel = ({ labelMap }: TableFormat, label: string): string =>
  labelMap && Object.hasOwn(labelMap, label) ? labelMap[label]! : label;

type CellReader = (row: TableRow) => string | undefined;

const cellReader = (table: Table, format: TableFormat, column: Column, file: string): CellReader => {
  if (format.type === 'jsonl') {
    return ({ cells, line }) => {
      const record = cells as Record<string, unknown>;
      return Object.hasOwn(record, column) ? textOf(record[column], column, line, file) : undefined;
    };
  }
  const index = typeof column === 'number' ? column : table.columns.indexOf(column);
  if (!Number.isInteger(index) || (typeof column === 'string' && index < 0))
    throw new MissingColumnError(file, column, table.columns);
  if (typeof column === 'string' && table.columns.indexOf(column, index + 1) >= 0)
    throw new DataFormatError(file, 1, `the column ${JSON.stringify(column)} twice`, 'each name once');
  return ({ cells }) => (cells as readonly string[]).at(index);
};

const textOf = (value: unknown, column: Column, line: number, file: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
  throw new DataFormatError(file, line, `${found} in "${column}"`, 'a string or a number');
};

const shortRow = (row: TableRow, format: TableFormat, table: Table, file: string): Error => {
  const wanted = [...format.textColumns, format.labelColumn];
  if (!Array.isArray(row.cells)) {
    return new DataFormatError(
      file,
      row.line,
      `keys ${Object.keys(row.cells).join(', ') || '(none)'}`,
      `keys ${wanted.join(', ')}`,
    );
  }
  const needed = 1 + Math.max(...wanted.map((c) => (typeof c === 'number' ? c : table.columns.indexOf(c))));
  return new DataFormatError(
    file,
    row.line,
    `${row.cells.length} columns (${shorten(row.cells.join(' | '))})`,
    `at least ${needed}`,
  );
};

const checkLabel = (label: string, line: number, file: string, rules: ExampleRules): string => {
  if (rules.kind === 'regression') {
    const score = label.trim() === '' ? Number.NaN : Number(label);
    const [low, high] = rules.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    if (!Number.isFinite(score) || score < low || score > high) {
      throw new DataFormatError(file, line, `score ${shorten(label)}`, `a number from ${low} to ${high}`);
    }
  } else if (rules.labels && !rules.labels.includes(label)) {
    throw new UnknownLabelError(file, line, label, rules.labels);
  }
  return label;
};
