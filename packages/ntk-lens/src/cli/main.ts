import { version } from '../version.js';
import { askedColor, withoutLeadingColor } from './color.js';
import type { Command } from './command.js';
import { type CliContext, columnsOf } from './context.js';
import { exitCodeOf, exitCodes } from './exit-code.js';
import { helpText } from './help.js';
import { printError } from './print-error.js';
import { pathOf } from './program.js';

/**
 * Runs the program.
 *
 * @param given arguments after the program's name
 * @returns the exit code: 0 done, 1 failure, 2 usage or bad input, 130 interrupted
 */
export const main = async (given: readonly string[], surroundings: CliContext): Promise<number> => {
  const context = { ...surroundings, color: askedColor(given) };
  const argv = withoutLeadingColor(given);
  const asked = helpAsked(argv);
  if (isVersion(argv) || asked?.more.length === 0) {
    context.stdout.write(asked ? helpText(asked.path, columnsOf(context.stdout)) : `${version}\n`);
    return exitCodes.done;
  }
  const json = argv.includes('--json');
  const stack = argv.includes('--verbose') || Boolean(context.env['NTK_LENS_DEBUG']);
  try {
    if (asked && asked.path.at(-1)!.commands) {
      const { unknownCommand } = await import('./usage-error.js');
      throw unknownCommand(asked.path, asked.more[0]!);
    }
    const { parseAndRun } = await import('./parse-and-run.js');
    return await parseAndRun(argv, context);
  } catch (thrown) {
    const { fileSystemError } = await import('@ntk-lens/core');
    const error = fileSystemError(thrown);
    await printError(error, context, { json, stack, command: pathOf(argv).at(-1)! });
    return exitCodeOf(error, context.signal);
  }
};

const isVersion = (argv: readonly string[]): boolean =>
  argv.length === 1 && ['-v', '-V', '--version', 'version'].includes(argv[0]!);

/** Words by which help is asked, and colours, of which it has none. */
const ofHelp = /^(-h|--help|--no-color|--color=\w+)$/;

/** The commands whose help is asked, and words after them: printed without reading any option. */
const helpAsked = (
  argv: readonly string[],
): { readonly path: readonly Command[]; readonly more: readonly string[] } | undefined => {
  const [first, ...rest] = argv;
  const flagged = argv.some((word) => word === '-h' || word === '--help');
  if (first !== 'help' && !flagged) return undefined;
  const words = (first === 'help' ? rest : argv).filter((word) => !ofHelp.test(word));
  const path = pathOf(words);
  const more = words.slice(path.length - 1);
  // Flags of a command are read with it; a family has none.
  return { path, more: path.at(-1)!.commands ? more.filter((word) => !word.startsWith('-')) : more };
};
