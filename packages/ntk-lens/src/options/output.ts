import { group, option } from './declare.js';
import { oneOf, path, text, toggle } from './kinds.js';
import { projectFileName } from './project-file-name.js';

/** Formats that a table is printed in. */
const tableFormats = ['terminal', 'md', 'csv', 'latex'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** The format of results; every command has these. */
export const output = group('command', 'Output', {
  json: option(
    '--json',
    toggle,
    'prints the result as JSON on stdout, progress and errors as JSON lines on stderr',
  ),
  table: option('--table <format>', oneOf(tableFormats), 'prints tables in a format', 'terminal'),
  color: option('--color <when>', oneOf(['auto', 'always', 'never']), 'prints colours', {
    unset: 'auto, on a terminal unless NO_COLOR is set',
    no: ['never', 'prints no colours'],
  }),
  quiet: option('-q, --quiet', toggle, 'shows no progress'),
  verbose: option('--verbose', toggle, 'shows errors with their stack'),
});

/** The source of options that neither a flag nor a file names. */
export const project = group('command', 'Project', {
  noConfig: option('--no-config', toggle, `takes no options of a project file, ${projectFileName}`),
});

/** Options of commands that write a report. */
export const report = group('command', 'Report', {
  open: option('--open', toggle, 'opens report.html when it is written, where there is a display'),
});

/** Where a run is written by default, which a command may say better. */
export const outOption = (unset: string) => ({ ...files.fields.out, unset });

/** Where a run is written, and what it repeats. */
export const files = group('command', 'Files', {
  out: option('-o, --out <dir>', path, 'writes into this directory', {
    unset: 'runs/… named after what is computed',
    env: 'NTK_LENS_OUT',
    envGives: 'the folder that has runs/…',
  }),
  config: option(
    '-c, --config <file>',
    text,
    'takes the options of a config.json, which other flags override',
  ),
  verify: option(
    '--verify',
    toggle,
    'verifies every file of the directory before work continues there, and hashes the weights even if their hash is known',
  ),
  force: option('--force', toggle, 'takes over an output directory that holds another run'),
});
