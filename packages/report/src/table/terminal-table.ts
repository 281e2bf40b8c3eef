import pc from 'picocolors';
import { cellWidth } from './cell-width.js';
import { formatCell, headerText } from './format-cell.js';
import { oneLine } from './plain-text.js';
import { alignmentOf, checkTable, type Table } from './table.js';
import { terminalLines } from './terminal-lines.js';
import { fittedWidths, wrapCell } from './wrap-cell.js';

const marks = { empty: '–', plusMinus: ' ± ', minus: '-' };

/** Longest words that are not broken, where a terminal has room: one after the other is tried. */
const WORDS = [24, 12, 8];

type Colors = ReturnType<typeof pc.createColors>;

/** A table as texts of one line each. */
interface Texts {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Renders a table for a terminal, with box drawing.
 *
 * @example
 * ```ts
 * process.stdout.write(renderTerminalTable(table, { color: true, columns: process.stdout.columns }));
 * ```
 * @param options `color`: adds ANSI colours; default false. `columns`: width of the terminal, in which texts are broken
 *   between words; where even that takes more, rows stand one below the other. Default: as wide as the table is
 * @returns lines of equal display width (wide East Asian characters counted as two), ending in a line break;
 *   control characters in texts are replaced
 * @throws TableShapeError if a row has not one cell per column
 */
export const renderTerminalTable = (
  table: Table,
  options: { readonly color?: boolean; readonly columns?: number } = {},
): string => {
  checkTable(table);
  const { color = false, columns = Number.POSITIVE_INFINITY } = options;
  const colors = pc.createColors(color);
  const texts = {
    headers: table.columns.map((column) => oneLine(headerText(column))),
    rows: table.rows.map(({ cells }) =>
      cells.map((cell, c) => oneLine(formatCell(cell, table.columns[c]!, marks).text)),
    ),
  };
  const widths = widthsOf(table, texts, columns);
  const out = [
    ...(table.title === undefined ? [] : terminalLines(oneLine(table.title), columns).map(colors.bold)),
    ...(widths ? boxed(table, texts, widths, colors) : records(table, texts, columns, colors)),
    ...(table.notes ?? []).flatMap((note) => terminalLines(oneLine(note), columns).map(colors.dim)),
  ];
  return `${out.join('\n')}\n`;
};

/** Widths of the columns of a box; undefined where the terminal is too narrow for one. */
const widthsOf = (table: Table, { headers, rows }: Texts, columns: number): readonly number[] | undefined => {
  const natural = headers.map((header, c) =>
    Math.max(cellWidth(header), ...rows.map((row) => cellWidth(row[c]!))),
  );
  const longestWord = (text: string): number => Math.max(...text.split(' ').map((word) => cellWidth(word)));
  const room = columns - 3 * headers.length - 1;
  for (const most of WORDS) {
    // Numbers are not broken, and headers only between words.
    const least = headers.map((header, c) => {
      const cells = rows.map((row, r) =>
        typeof table.rows[r]!.cells[c] === 'string'
          ? Math.min(most, longestWord(row[c]!))
          : cellWidth(row[c]!),
      );
      return Math.max(longestWord(header), ...cells);
    });
    if (least.reduce((sum, width) => sum + width, 0) <= room) return fittedWidths(natural, least, room);
  }
  return undefined;
};

const boxed = (
  table: Table,
  { headers, rows }: Texts,
  widths: readonly number[],
  colors: Colors,
): string[] => {
  const pad = (text: string, c: number): string => {
    const space = widths[c]! - cellWidth(text);
    const alignment = alignmentOf(table, c);
    const left = alignment === 'right' ? space : alignment === 'center' ? space >> 1 : 0;
    return `${' '.repeat(left)}${text}${' '.repeat(space - left)}`;
  };
  const rule = (left: string, middle: string, right: string): string =>
    colors.dim(`${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`);
  const bar = colors.dim('│');
  const lines = (texts: readonly string[], paint: (text: string) => string): string[] => {
    const cells = texts.map((text, c) => wrapCell(text, widths[c]!));
    return Array.from(
      { length: Math.max(...cells.map(({ length }) => length)) },
      (_, i) => `${bar}${cells.map((own, c) => ` ${paint(pad(own[i] ?? '', c))} `).join(bar)}${bar}`,
    );
  };
  return [
    rule('┌', '┬', '┐'),
    ...lines(headers, colors.bold),
    rule('├', '┼', '┤'),
    ...rows.flatMap((row, r) => [
      ...(table.rows[r]?.rule && r > 0 ? [rule('├', '┼', '┤')] : []),
      ...lines(row, table.rows[r]?.strong ? (text) => colors.bold(colors.green(text)) : (text) => text),
    ]),
    rule('└', '┴', '┘'),
  ];
};

/** Rows one below the other, each cell after its header. */
const records = (table: Table, { headers, rows }: Texts, columns: number, colors: Colors): string[] => {
  const rule = colors.dim('─'.repeat(columns));
  if (rows.length === 0) return [rule, ...headers.flatMap((header) => wrapCell(header, columns)), rule];
  return [
    ...rows.flatMap((row, r) => [
      rule,
      ...row.flatMap((text, c) => {
        const [first = '', ...more] = wrapCell(`${headers[c]}: ${text}`, columns - 2);
        const lines = [first, ...more.map((line) => `  ${line}`)];
        return table.rows[r]?.strong ? lines.map((line) => colors.bold(colors.green(line))) : lines;
      }),
    ]),
    rule,
  ];
};
