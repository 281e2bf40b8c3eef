import { NtkLensError } from '@ntk-lens/core';

/** A row of a table that has not one cell per column. */
export class TableShapeError extends NtkLensError {
  static readonly code = 'TABLE_SHAPE';
  constructor(row: number, found: number, expected: number) {
    super(
      TableShapeError.code,
      'input',
      `Row ${row} of the table has ${found} cells, expected ${expected}, one for each column. Use null for an empty cell.`,
    );
  }
}

/** Numbers that a figure cannot show: a wrong shape, none at all, or values its axis has no place for. */
export class FigureDataError extends NtkLensError {
  static readonly code = 'FIGURE_DATA';
  constructor(figure: string, found: string, expected: string) {
    super(FigureDataError.code, 'input', `${figure}: found ${found}, expected ${expected}.`);
  }
}
