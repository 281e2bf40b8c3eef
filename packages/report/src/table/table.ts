import { TableShapeError } from '../errors.js';

/** A mean over seeds with its standard deviation (ddof 0). */
export interface MeanSd {
  readonly mean: number;
  readonly sd: number;
}

/** The value of a cell; `null` is shown as a dash. */
export type Cell = string | number | MeanSd | null;

export interface Column {
  readonly header: string;
  /** Default: `right` for a column that has numbers, else `left`. */
  readonly align?: 'left' | 'right' | 'center';
  /** Digits after the decimal point of its numbers. Default: the shortest text that gives the same number. */
  readonly digits?: number;
  /** Shown as `100 × value`, for accuracies. CSV keeps the value itself. */
  readonly percent?: boolean;
}

export interface Row {
  readonly cells: readonly Cell[];
  /** Printed strong: the row that matters. */
  readonly strong?: boolean;
  /** A rule above this row, to set groups apart. */
  readonly rule?: boolean;
}

/**
 * A table, independent of how it is shown. Rendered by `renderTerminalTable`, `renderMarkdownTable`,
 * `renderCsv` and `renderLatexTable`.
 *
 * @example
 * ```ts
 * const table: Table = {
 *   title: 'sentiment, 16-shot',
 *   columns: [{ header: 'method' }, { header: 'test accuracy', percent: true, digits: 1 }],
 *   rows: [{ cells: ['majority', 0.5] }, { cells: ['SGD kernel', { mean: 0.853, sd: 0.012 }], strong: true }],
 *   notes: ['5 seeds, mean ± sd'],
 * };
 * ```
 */
export interface Table {
  readonly title?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Printed below, one line each. */
  readonly notes?: readonly string[];
}

/** @throws TableShapeError if a row has not one cell per column */
export const checkTable = (table: Table): void => {
  for (const [index, row] of table.rows.entries()) {
    if (row.cells.length !== table.columns.length) {
      throw new TableShapeError(index, row.cells.length, table.columns.length);
    }
  }
};

/** The alignment of a column: its own, or by what its cells hold. */
export const alignmentOf = (table: Table, column: number): 'left' | 'right' | 'center' =>
  table.columns[column]?.align ??
  (table.rows.some(({ cells }) => typeof cells[column] !== 'string' && cells[column] !== null)
    ? 'right'
    : 'left');
