import type { Cell, Column } from './table.js';

/** Marks that differ between renderers. */
export interface CellMarks {
  readonly empty: string;
  readonly plusMinus: string;
  readonly minus: string;
}

/** A cell as text. Only `text` is the caller's; the rest is made here and needs no escaping. */
export interface FormattedCell {
  readonly text: string;
  readonly literal: boolean;
}

/** A number with the column's digits and scale; the minus sign is the renderer's. */
const formatNumber = (value: number, column: Column, minus = '-'): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? `${minus}∞` : '∞';
  const scaled = column.percent ? value * 100 : value;
  const text = column.digits === undefined ? shortest(scaled) : fixed(scaled, column.digits);
  return text.startsWith('-') ? `${minus}${text.slice(1)}` : text;
};

/** The header with its unit. */
export const headerText = (column: Column): string =>
  column.percent ? `${column.header} (%)` : column.header;

/** Scaling by 100 leaves digits of no meaning (28.999999999999996): 12 significant ones are kept. */
const shortest = (value: number): string => String(Number(value.toPrecision(12)));

/** Fixed digits; a value that they round to zero keeps its size (1.2e-7) instead of reading as 0. */
const fixed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  if (value !== 0 && Number(text) === 0) return value.toExponential(1);
  return Math.abs(value) >= 1e9 ? value.toExponential(digits) : text;
};

export const formatCell = (cell: Cell, column: Column, marks: CellMarks): FormattedCell => {
  if (cell === null) return { text: marks.empty, literal: false };
  if (typeof cell === 'string') return { text: cell, literal: true };
  if (typeof cell === 'number') return { text: formatNumber(cell, column, marks.minus), literal: false };
  const mean = formatNumber(cell.mean, column, marks.minus);
  return { text: `${mean}${marks.plusMinus}${formatNumber(cell.sd, column, marks.minus)}`, literal: false };
};
