import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { DataFormatError } from '../errors.js';
import { limits } from '../limits.js';
import type { TableFormat } from '../spec/table-format.js';
import { checkDelimiter, findDelimiter, namedDelimiter } from './delimiter.js';

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
 * @param format see {@link TableFormat}; what says which columns are read does not matter here
 * @param file name of the file in error messages
 * @throws DataFormatError for quotes that do not close or close before the cell ends, for invalid JSON, and for more rows than
 *   {@link limits} allow
 */
export const parseTable = (
  text: string,
  format: Pick<TableFormat, 'type' | 'header' | 'delimiter' | 'evenRows' | 'skipShortRows'>,
  file: string,
): Table => {
  checkDelimiter(format.delimiter);
  const whole = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (format.type === 'jsonl') return { columns: [], rows: jsonRows(whole, file) };
  const [delimiter, body] =
    format.delimiter === 'auto'
      ? (namedDelimiter(whole) ?? [findDelimiter(whole), whole])
      : [format.delimiter, whole];
  const rows = format.type === 'tsv' ? tabRows(body, file, delimiter) : csvRows(body, file, delimiter);
  if (format.evenRows && !format.skipShortRows) checkWidths(rows, file);
  if (!format.header) return { columns: [], rows };
  const header = rows[0];
  if (header === undefined) throw new DataFormatError(file, 1, 'an empty file', 'a header');
  return { columns: header.cells as readonly string[], rows: rows.slice(1) };
};

const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** The lines of a file, as many as a file may have. */
const rowsOf = (text: string, file: string, read: (line: string, i: number) => TableRow[]): TableRow[] => {
  const lines = linesOf(text);
  if (lines.length > limits.rows) throw tooManyRows(file, lines.length);
  return lines.flatMap(read);
};

const tooManyRows = (file: string, found: number): DataFormatError =>
  new DataFormatError(
    file,
    limits.rows,
    `${found} rows`,
    `at most ${limits.rows}: give a sample of the data`,
  );

const tabRows = (text: string, file: string, delimiter = '\t'): TableRow[] =>
  rowsOf(text, file, (line, i) => (line === '' ? [] : [{ line: i + 1, cells: line.split(delimiter) }]));

const jsonRows = (text: string, file: string): TableRow[] =>
  rowsOf(text, file, (line, i) => {
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

const csvRows = (text: string, file: string, delimiter = ','): TableRow[] => {
  try {
    const records: unknown = parse(text, {
      delimiter,
      info: true,
      max_record_size: limits.rowBytes,
      to: limits.rows + 1,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
    const found = records as { record: string[]; info: { lines: number } }[];
    if (found.length > limits.rows) throw tooManyRows(file, found.length);
    return found.map(({ record, info }) => ({
      line: info.lines,
      cells: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as unknown as { lines?: unknown }).lines ?? 1);
    const expected = `cells quoted as in RFC 4180 and parted by ${JSON.stringify(delimiter)}`;
    throw new DataFormatError(file, line, error.message, `${expected}, or another \`delimiter\` by name`);
  }
};

/** Every row has the cells of the first, and beyond them empty ones at most: a delimiter in a text parts it. */
const checkWidths = (rows: readonly TableRow[], file: string): void => {
  const width = (rows[0]?.cells as readonly string[] | undefined)?.length ?? 0;
  for (const { cells, line } of rows) {
    const own = cells as readonly string[];
    if (own.length < width || own.slice(width).some((cell) => cell.trim() !== ''))
      throw new DataFormatError(
        file,
        line,
        `${own.length} cells (${shorten(own.join(' | '))})`,
        `${width}, since the first row has as many. Quote a cell that holds the delimiter, or name another \`delimiter\``,
      );
  }
};

/** Text for an error message: quoted, at most 60 characters. */
export const shorten = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
