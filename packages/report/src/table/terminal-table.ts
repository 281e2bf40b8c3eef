import pc from 'picocolors';
import stringWidth from 'string-width';
import { formatCell, headerText } from './format-cell.js';
import { oneLine } from './plain-text.js';
import { alignmentOf, checkTable, type Table } from './table.js';

const marks = { empty: '–', plusMinus: ' ± ', minus: '-' };

/**
 * Renders a table for a terminal, with box drawing.
 *
 * @example
 * ```ts
 * process.stdout.write(renderTerminalTable(table, { color: process.stdout.isTTY }));
 * ```
 * @param options `color`: adds ANSI colours; default false
 * @returns lines of equal display width (wide East Asian characters counted as two), ending in a line break;
 *   control characters in texts are replaced
 * @throws TableShapeError if a row has not one cell per column
 */
export const renderTerminalTable = (table: Table, options: { readonly color?: boolean } = {}): string => {
  checkTable(table);
  const colors = pc.createColors(options.color ?? false);
  const headers = table.columns.map((column) => oneLine(headerText(column)));
  const rows = table.rows.map(({ cells }) =>
    cells.map((cell, c) => oneLine(formatCell(cell, table.columns[c]!, marks).text)),
  );
  const widths = headers.map((header, c) =>
    Math.max(stringWidth(header), ...rows.map((row) => stringWidth(row[c]!))),
  );
  const pad = (text: string, c: number): string => {
    const space = widths[c]! - stringWidth(text);
    const alignment = alignmentOf(table, c);
    const left = alignment === 'right' ? space : alignment === 'center' ? space >> 1 : 0;
    return `${' '.repeat(left)}${text}${' '.repeat(space - left)}`;
  };
  const rule = (left: string, middle: string, right: string): string =>
    colors.dim(`${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`);
  const bar = colors.dim('│');
  const line = (texts: readonly string[], paint: (text: string) => string): string =>
    `${bar}${texts.map((text, c) => ` ${paint(pad(text, c))} `).join(bar)}${bar}`;

  const out: string[] = [];
  if (table.title !== undefined) out.push(colors.bold(oneLine(table.title)));
  out.push(rule('┌', '┬', '┐'), line(headers, colors.bold), rule('├', '┼', '┤'));
  for (const [r, row] of rows.entries()) {
    if (table.rows[r]?.rule && r > 0) out.push(rule('├', '┼', '┤'));
    out.push(line(row, table.rows[r]?.strong ? (text) => colors.bold(colors.green(text)) : (text) => text));
  }
  out.push(rule('└', '┴', '┘'));
  for (const note of table.notes ?? []) out.push(colors.dim(oneLine(note)));
  return `${out.join('\n')}\n`;
};
