import { group, option } from './declare.js';
import { oneOf, text, toggle } from './kinds.js';

/** Formats that a table is printed in. */
const tableFormats = ['terminal', 'md', 'csv', 'latex'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** How results are printed; every command has these. */
export const output = group('command', 'Output', {
  json: option(
    '--json',
    toggle,
    'prints the result as JSON on stdout, progress and errors as JSON lines on stderr',
  ),
  table: option('--table <format>', oneOf(tableFormats), 'prints tables in a format', 'terminal'),
  quiet: option('-q, --quiet', toggle, 'shows no progress'),
  verbose: option('--verbose', toggle, 'shows errors with their stack'),
});

/** Where a run is written, and what it repeats. */
export const files = group('command', 'Files', {
  out: option('-o, --out <dir>', text, 'writes into this directory', 'runs/… named after what is computed'),
  config: option(
    '-c, --config <file>',
    text,
    'takes the options of a config.json, which other flags override',
  ),
  verify: option(
    '--verify',
    toggle,
    'reads and verifies every file of the directory before work goes on there, and hashes the weights even where their hash is known',
  ),
  force: option('--force', toggle, 'takes over an output directory that holds another run'),
});
