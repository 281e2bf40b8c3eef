import { formatCell, headerText } from './format-cell.js';
import { oneLine } from './plain-text.js';
import { alignmentOf, checkTable, type Table } from './table.js';

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '[': '{[}',
  ']': '{]}',
  '*': '{*}',
};

/** Text that LaTeX sets as it is. Line breaks become spaces. */
export const escapeLatex = (text: string): string =>
  oneLine(text)
    .replace(/[\\~^<>|"[\]*]|[#$%&_{}]/g, (character) => special[character] ?? `\\${character}`)
    // Ligatures would turn -- into a dash and `` into quotes.
    .replace(/-(?=-)/g, '-{}')
    .replace(/(['`])(?=\1)/g, '$1{}');

const column = { left: 'l', right: 'r', center: 'c' };
const marks = { empty: '--', plusMinus: ' \\pm ', minus: '-' };

/**
 * Renders a table as LaTeX with booktabs rules (`\usepackage{booktabs}`, and `\usepackage[T1]{fontenc}`).
 *
 * @example
 * ```ts
 * await writeFile('table.tex', renderLatexTable(table, { label: 'tab:results' }));
 * ```
 * @param options `label`: the name that `\ref` takes
 * @returns a `table` environment with caption where there is a title, otherwise the `tabular` alone
 * @throws TableShapeError if a row has not one cell per column
 */
export const renderLatexTable = (table: Table, options: { readonly label?: string } = {}): string => {
  checkTable(table);
  const line = (texts: readonly string[]): string => `${texts.join(' & ')} \\\\`;
  const strong = (text: string, on: boolean | undefined): string => (on ? `\\textbf{${text}}` : text);
  const body = [
    `\\begin{tabular}{${table.columns.map((_, c) => column[alignmentOf(table, c)]).join('')}}`,
    '\\toprule',
    line(table.columns.map((each) => escapeLatex(headerText(each)))),
    '\\midrule',
    ...table.rows.flatMap((row, r) => {
      const texts = row.cells.map((cell, c) => {
        const { text, literal } = formatCell(cell, table.columns[c]!, marks);
        if (literal) return strong(escapeLatex(text), row.strong);
        if (cell === null) return text;
        const math = text.replaceAll('∞', '\\infty');
        return row.strong ? `$\\mathbf{${math}}$` : `$${math}$`;
      });
      return row.rule && r > 0 ? ['\\midrule', line(texts)] : [line(texts)];
    }),
    '\\bottomrule',
    '\\end{tabular}',
  ];
  const notes = (table.notes ?? []).map((note) => `\\par\\smallskip\\footnotesize ${escapeLatex(note)}`);
  if (table.title === undefined && options.label === undefined) return `${[...body, ...notes].join('\n')}\n`;
  return `${[
    '\\begin{table}',
    '\\centering',
    ...(table.title === undefined ? [] : [`\\caption{${escapeLatex(table.title)}}`]),
    ...(options.label === undefined ? [] : [`\\label{${options.label}}`]),
    ...body,
    ...notes,
    '\\end{table}',
  ].join('\n')}\n`;
};
