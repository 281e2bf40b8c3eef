import { formatCell, headerText } from './format-cell.js';
import { oneLine } from './plain-text.js';
import { alignmentOf, checkTable, type Table } from './table.js';

const marks = { empty: '–', plusMinus: ' ± ', minus: '−' };
const rules = { left: ':--', right: '--:', center: ':-:' };

/**
 * Text that Markdown shows as it is: no markup, HTML, entity, link or column border comes out of it.
 * Line breaks become spaces.
 */
export const escapeMarkdown = (text: string): string =>
  oneLine(text)
    .replace(/[\\`*_{}[\]()<>#+!|~$^:@&]/g, (character) =>
      // Bare links (www., https:, @) are recognized even after a backslash: an entity breaks them.
      character === ':' || character === '@' || character === '&'
        ? `&#${character.charCodeAt(0)};`
        : `\\${character}`,
    )
    .replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}&#46;`);

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
