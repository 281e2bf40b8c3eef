import {
  renderCsv,
  renderLatexTable,
  renderMarkdownTable,
  renderTerminalTable,
  type Table,
} from '@ntk-lens/report';
import type { TableFormat } from '../options/output.js';

/**
 * A table as text in the format that `--table` names.
 *
 * @param style style of a terminal: colours or not, and its width
 */
export const renderTable = (
  table: Table,
  format: TableFormat = 'terminal',
  style: { readonly color?: boolean; readonly columns?: number } = {},
): string => {
  switch (format) {
    case 'terminal':
      return renderTerminalTable(table, style);
    case 'md':
      return renderMarkdownTable(table);
    case 'csv':
      return renderCsv(table);
    case 'latex':
      return renderLatexTable(table);
  }
};
