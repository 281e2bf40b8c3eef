import {
  renderCsv,
  renderLatexTable,
  renderMarkdownTable,
  renderTerminalTable,
  type Table,
} from '@ntk-lens/report';
import type { TableFormat } from '../options/output.js';

/** A table as text in the format that `--table` names. */
export const renderTable = (table: Table, format: TableFormat = 'terminal', color = false): string => {
  switch (format) {
    case 'terminal':
      return renderTerminalTable(table, { color });
    case 'md':
      return renderMarkdownTable(table);
    case 'csv':
      return renderCsv(table);
    case 'latex':
      return renderLatexTable(table);
  }
};
