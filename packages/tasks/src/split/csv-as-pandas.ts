import { parseTable } from '../read/parse-table.js';

/** Cells that pandas reads as missing and writes back as empty. */
const missing = new Set(
  ' #N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|n/a|nan|null'
    .trim()
    .split('|'),
);

/** Rows of a header-less CSV file as `pandas.read_csv(file, header=None)` would write them again. */
export const readCsvRows = (text: string, file: string): string[][] =>
  parseTable(text, { type: 'csv', header: false }, file).rows.map(({ cells }) =>
    (cells as readonly string[]).map((cell) => (missing.has(cell) ? '' : cell)),
  );

/** The rows as `DataFrame.to_csv(header=False, index=False)` writes them: quotes only where they are needed. */
export const writeCsvRows = (rows: readonly (readonly string[])[]): string =>
  rows
    .map(
      (cells) =>
        `${cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`,
    )
    .join('');
