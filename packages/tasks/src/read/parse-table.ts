import { BadArgumentError } from '@ntk-lens/core';
import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { DataFormatError } from '../errors.js';
import type { TableFormat } from '../spec/table-format.js';

/** One row of a file: its cells, by name (`jsonl`) or in column order, and the line on which it ends. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[] | Readonly<Record<string, unknown>>;
}

/** The header's names (empty without a header) and the rows. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/**
 * Splits the text of a CSV, TSV or JSON-lines file into rows. A byte-order mark is dropped, empty lines are skipped,
 * lines end with `\n`, `\r\n` or `\r` as in Python's universal newlines.
 *
 * @param text the file's text
 * @param format see {@link TableFormat}; only `type`, `header` and `delimiter` matter here
 * @param file name of the file in error messages
 * @throws DataFormatError for quotes that do not close or close before the cell ends, and for invalid JSON
 */
export const parseTable = (
  text: string,
  format: Pick<TableFormat, 'type' | 'header' | 'delimiter'>,
  file: string,
): Table => {
  const { delimiter } = format;
  if (delimiter !== undefined && !/^[^"\r\n]$/.test(delimiter)) {
    throw new BadArgumentError(
      'delimiter',
      delimiter,
      'one character that is neither a quote nor a line break',
    );
  }
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (format.type === 'jsonl') return { columns: [], rows: jsonRows(body, file) };
  const rows =
    format.type === 'tsv' ? tabRows(body, format.delimiter) : csvRows(body, format.delimiter, file);
  if (!format.header) return { columns: [], rows };
  const header = rows[0];
  if (header === undefined) throw new DataFormatError(file, 1, 'an empty file', 'a header');
  return { columns: header.cells as readonly string[], rows: rows.slice(1) };
};

/** A row longer than this is a quote that was never closed. */
const maxRowBytes = 16 * 1024 * 1024;

const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/);

const tabRows = (text: string, delimiter = '\t'): TableRow[] =>
  linesOf(text).flatMap((line, i) => (line === '' ? [] : [{ line: i + 1, cells: line.split(delimiter) }]));

const jsonRows = (text: string, file: string): TableRow[] =>
  linesOf(text).flatMap((line, i) => {
    if (line.trim() === '') return [];
    const value = parseJson(line, file, i + 1);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DataFormatError(file, i + 1, shorten(line), 'a JSON object');
    }
    return [{ line: i + 1, cells: value as Record<string, unknown> }];
  });

const parseJson = (line: string, file: string, number: number): unknown => {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new DataFormatError(
      file,
      number,
      `${shorten(line)} (${error instanceof Error ? error.message : String(error)})`,
      'one JSON object a line',
    );
  }
};

const csvRows = (text: string, delimiter = ',', file: string): TableRow[] => {
  try {
    const records: unknown = parse(text, {
      delimiter,
      info: true,
      max_record_size: maxRowBytes,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
    return (records as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      line: info.lines,
      cells: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as unknown as { lines?: unknown }).lines ?? 1);
    throw new DataFormatError(file, line, error.message, 'cells quoted as in RFC 4180');
  }
};

/** Text for an error message: quoted, at most 60 characters. */
export const shorten = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
