import type { Command } from 'commander';
import type { CliContext } from './context.js';

/**
 * One command of the program, in a file of its own under `commands/`, listed in `commands/index.ts`.
 *
 * `register` may import commander's types and option helpers only; everything else is imported inside the
 * action, so that `--help` stays instant and loads no native library.
 */
export interface CommandModule {
  register(program: Command, context: CliContext): void;
}

/** Options that every command has. */
export interface GlobalFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

export const addOutputOptions = (command: Command): Command =>
  command
    .optionsGroup('Output:')
    .option('--json', 'the result as JSON on stdout; progress and errors as JSON lines on stderr')
    .option('-q, --quiet', 'no progress')
    .option('--verbose', 'errors with their stack');
