import type { Command } from 'commander';
import { oneOf } from './parse-value.js';

/** Formats that a table is printed in. */
export const tableFormats = ['terminal', 'md', 'csv', 'latex'] as const;
export type TableFormat = (typeof tableFormats)[number];

export interface TableFlags {
  readonly table?: TableFormat;
}

/** Adds the option that says how the table is printed. */
export const addTableOption = (command: Command): Command =>
  command
    .optionsGroup('Output:')
    .option('--table <format>', `${tableFormats.join(', ')} (default: terminal)`, oneOf(tableFormats));
