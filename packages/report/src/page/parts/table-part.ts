import { formatCell, headerText } from '../../table/format-cell.js';
import { alignmentOf, type Cell, checkTable, type Table } from '../../table/table.js';
import { html, type Markup } from '../markup.js';

/** A table that readers sort by its headers. */
export interface TablePart {
  readonly kind: 'table';
  readonly table: Table;
}

/** Characters of a text that is broken into lines; its column stays wide enough for some words of it. */
const LONG = 30;

const marks = { empty: '–', plusMinus: ' ± ', minus: '−' };

/** The number by which a cell is sorted; texts are sorted as they are. */
const sortKey = (cell: Cell): number | undefined =>
  typeof cell === 'number' ? cell : typeof cell === 'object' && cell !== null ? cell.mean : undefined;

/**
 * Renders a table as HTML, with its title as the caption, headers of columns and rows, and notes below it. Numbers
 * carry their exact value in `data-value`.
 *
 * @example
 * ```ts
 * await writeFile('table.html', renderHtmlTable(table));
 * ```
 * @returns HTML in which all texts are escaped
 * @throws TableShapeError if a row has not one cell per column
 */
export const renderHtmlTable = (table: Table): string => renderTable({ kind: 'table', table }).source;

/** {@link renderHtmlTable} as a part of a page. */
export const renderTable = ({ table }: TablePart): Markup => {
  checkTable(table);
  const { title, columns, rows, notes = [] } = table;
  // The first column of texts names the row.
  const naming = columns.findIndex((_, c) => rows.every(({ cells }) => typeof cells[c] === 'string'));
  const alignment = columns.map((_, c) => alignmentOf(table, c));
  const cells = (row: Table['rows'][number]) =>
    row.cells.map((cell, c) => {
      const shown = formatCell(cell, columns[c]!, marks).text;
      return c === naming
        ? html`<th scope="row" class="${alignment[c]!}">${shown}</th>`
        : html`<td class="${alignment[c]!}${typeof cell === 'string' && cell.length > LONG ? ' long' : ''}"${dataValue(sortKey(cell))}>${shown}</td>`;
    });
  return html`<div class="table"><table class="sortable">${
    title === undefined ? undefined : html`<caption>${title}</caption>`
  }<thead><tr>${columns.map(
    (column, c) => html`<th scope="col" class="${alignment[c]!}">${headerText(column)}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row, r) => html`<tr${rowClass(row, r)}>${cells(row)}</tr>`,
  )}</tbody></table></div>${notesOf(notes)}`;
};

const dataValue = (key: number | undefined): Markup | undefined =>
  key === undefined ? undefined : html` data-value="${key}"`;

const rowClass = ({ strong, rule }: Table['rows'][number], index: number): Markup | undefined => {
  const classes = [...(strong ? ['strong'] : []), ...(rule && index > 0 ? ['rule'] : [])].join(' ');
  return classes === '' ? undefined : html` class="${classes}"`;
};

/** Notes below a table or a figure, one line each. */
export const notesOf = (notes: readonly string[]): Markup | undefined =>
  notes.length === 0
    ? undefined
    : html`<ul class="notes">${notes.map((note) => html`<li>${note.trim()}</li>`)}</ul>`;
