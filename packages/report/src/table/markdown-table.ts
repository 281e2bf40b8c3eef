import { formatCell, headerText } from './format-cell.js';
import { oneLine } from './plain-text.js';
import { alignmentOf, checkTable, type Table } from './table.js';

const marks = { empty: '–', plusMinus: ' ± ', minus: '−' };
const rules = { left: ':--', right: '--:', center: ':-:' };

/** Patterns of markup, with texts that take its place; a sign that is no markup stays as it is. */
const markup: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/[\\`*~$|[]/g, '\\$&'],
  // Within a word an underscore is a letter.
  [/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_'],
  // Tags, comments and addresses; a comparison has a space or a number after it.
  [/<(?=[a-z/!?])/gi, '\\<'],
  // Issues of a page; headings, quotes and lists at the beginning of a line.
  [/#(?=\d)|^#/g, '\\#'],
  [/^[>+-]/, '\\$&'],
  [/^(\d+)([.)])(?=\s|$)/, '$1\\$2'],
  // Bare addresses, mentions and emoji are recognized even after a backslash: an entity breaks them.
  [/&(?=\w+;)/g, '&#38;'],
  [/:(?=\/\/|[\w+-]+:)|(?<=\b(?:mailto|xmpp)):/gi, '&#58;'],
  [/@(?=\w)/g, '&#64;'],
  [/(?<=\bwww)\./gi, '&#46;'],
];

/**
 * Text that Markdown shows as it is: no markup, HTML, entity, link or column border comes out of it, and what would be none is
 * left alone. Line breaks become spaces.
 */
export const escapeMarkdown = (text: string): string =>
  markup.reduce(
    (escaped, [pattern, replacement]) => escaped.replace(pattern, replacement),
    oneLine(text).trim(),
  );

/**
 * Renders a table as GitHub-flavoured Markdown.
 *
 * @example
 * ```ts
 * await writeFile('table.md', renderMarkdownTable(table));
 * ```
 * @returns title, table and notes as Markdown, ending in a line break; all texts escaped
 * @throws TableShapeError if a row has not one cell per column
 */
export const renderMarkdownTable = (table: Table): string => {
  checkTable(table);
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const out: string[] = [];
  if (table.title !== undefined) out.push(`**${escapeMarkdown(table.title).trim()}**`, '');
  out.push(line(table.columns.map((column) => escapeMarkdown(headerText(column)))));
  out.push(line(table.columns.map((_, c) => rules[alignmentOf(table, c)])));
  for (const { cells, strong } of table.rows) {
    const texts = cells.map((cell, c) => {
      const { text, literal } = formatCell(cell, table.columns[c]!, marks);
      const escaped = (literal ? escapeMarkdown(text) : text).trim();
      return strong && escaped !== '' ? `**${escaped}**` : escaped;
    });
    out.push(line(texts));
  }
  for (const note of table.notes ?? []) out.push('', escapeMarkdown(note));
  return `${out.join('\n')}\n`;
};
