import type { Cell } from './table.js';
import { checkTable, type Table } from './table.js';

const quoted = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const isMeanSd = (cell: Cell | undefined): boolean => typeof cell === 'object' && cell !== null;

const number = (value: Cell): string => (typeof value === 'number' ? String(value) : '');

/**
 * Renders a table as CSV (RFC 4180: CRLF line ends, quotes doubled), numbers with all their digits and unscaled.
 * A column with mean ± sd becomes two, `header` and `header sd`. Title and notes are left out.
 *
 * @example
 * ```ts
 * await writeFile('table.csv', renderCsv(table));
 * ```
 * @throws TableShapeError if a row has not one cell per column
 */
export const renderCsv = (table: Table): string => {
  checkTable(table);
  const spread = table.columns.map((_, c) => table.rows.some(({ cells }) => isMeanSd(cells[c])));
  const records = [
    table.columns.flatMap(({ header }, c) => (spread[c] ? [header, `${header} sd`] : [header])),
    ...table.rows.map(({ cells }) =>
      cells.flatMap((cell, c) => {
        const value = typeof cell === 'object' && cell !== null ? cell.mean : cell;
        const first = typeof value === 'string' ? value : number(value);
        const second = typeof cell === 'object' && cell !== null ? number(cell.sd) : '';
        return spread[c] ? [first, second] : [first];
      }),
    ),
  ];
  return records.map((record) => `${record.map(quoted).join(',')}\r\n`).join('');
};
