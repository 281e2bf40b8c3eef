import { version } from '../version.js';
import { type CliContext, columnsOf } from './context.js';
import { exitCodeOf, exitCodes } from './exit-code.js';
import { helpText } from './help.js';
import { printError } from './print-error.js';
import { pathOf } from './program.js';

/**
 * Runs the program.
 *
 * @param argv arguments after the program's name
 * @returns the exit code: 0 done, 1 failure, 2 usage or bad input, 130 interrupted
 */
export const main = async (argv: readonly string[], context: CliContext): Promise<number> => {
  const printed = helpOrVersion(argv, columnsOf(context.stdout));
  if (printed !== undefined) {
    context.stdout.write(printed);
    return exitCodes.done;
  }
  const json = argv.includes('--json');
  const stack = argv.includes('--verbose') || Boolean(context.env['NTK_LENS_DEBUG']);
  const { parseAndRun } = await import('./parse-and-run.js');
  try {
    return await parseAndRun(argv, context, json);
  } catch (thrown) {
    const { fileSystemError } = await import('@ntk-lens/core');
    const error = fileSystemError(thrown);
    await printError(error, context, { json, stack, command: pathOf(argv).at(-1)! });
    return exitCodeOf(error, context.signal);
  }
};

/** What is printed without reading any option, for which nothing more is loaded. */
const helpOrVersion = (argv: readonly string[], columns?: number): string | undefined => {
  const [first = '', ...rest] = argv;
  if (argv.length === 1 && ['-V', '--version'].includes(first)) return `${version}\n`;
  const last = argv.at(-1) ?? '';
  const words = first === 'help' ? rest : ['-h', '--help'].includes(last) ? argv.slice(0, -1) : undefined;
  const path = words && pathOf(words);
  return path?.length === (words?.length ?? 0) + 1 ? helpText(path, columns) : undefined;
};
