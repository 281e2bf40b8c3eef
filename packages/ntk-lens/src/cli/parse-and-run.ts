import { CommanderError, InvalidArgumentError, Option, Command as Parser } from 'commander';
import { type Flag, flagsOf, type Given, give, nothingGiven } from '../options/flags.js';
import { ValueError } from '../options/kinds.js';
import { version } from '../version.js';
import type { Command } from './command.js';
import { type CliContext, columnsOf, useColor } from './context.js';
import { exitCodes } from './exit-code.js';
import { helpText } from './help.js';
import { perform } from './perform.js';
import { program } from './program.js';

/**
 * Reads the command line and does what it says.
 *
 * @param whole the program, with all its commands
 * @returns the exit code of a usage error, or 0
 * @throws what the command throws
 */
export const parseAndRun = async (
  argv: readonly string[],
  context: CliContext,
  json: boolean,
  whole: Command = program,
): Promise<number> => {
  try {
    await parserOf([whole], context, json).parseAsync([...argv], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    // Commander has printed the rest; help asked for by mistake (no command) is usage too.
    if (json) {
      const message = error.message.replace(/^error: /, '');
      const line = { type: 'error', kind: 'input', code: 'USAGE', message, exitCode: exitCodes.input };
      context.stderr.write(`${JSON.stringify(line)}\n`);
    }
    return exitCodes.input;
  }
};

/** The parser of a command and of those below it. */
const parserOf = (path: readonly Command[], context: CliContext, json: boolean): Parser => {
  const { name, args, commands = [], options, run } = path.at(-1)!;
  const parser = new Parser(name)
    .helpOption('-h, --help')
    .helpCommand(commands.length > 0)
    .showSuggestionAfterError()
    .showHelpAfterError('(ntk-lens --help, or --help after a command, lists what there is)')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => (json ? undefined : context.stderr.write(text)),
      outputError: (text, write) => (json ? undefined : write(text)),
      getOutHasColors: () => useColor(context.stdout, context.env),
      getErrHasColors: () => useColor(context.stderr, context.env),
    })
    .exitOverride();
  parser.helpInformation = () => helpText(path, columnsOf(context.stdout));
  if (path.length === 1) parser.version(version, '-V, --version');
  for (const [i, command] of commands.entries())
    parser.addCommand(parserOf([...path, command], context, json), { isDefault: i === 0 && path.length > 1 });
  if (run === undefined) return parser;
  if (args) parser.argument(args[0]);
  const given = nothingGiven();
  for (const flag of options.flatMap(flagsOf)) addFlag(parser, flag, given);
  return parser.action(async () => {
    for (const {
      section,
      path: [field],
      option,
    } of options.flatMap(flagsOf))
      if (section === 'command' && option.default !== undefined) given.command[field!] ??= option.default;
    await perform(path, given, parser.args, context);
  });
};

const addFlag = (parser: Parser, flag: Flag, given: Given): void => {
  const { section, option, flags, names, takesText, value } = flag;
  const parsed = new Option(flags);
  if (section === 'command' && option.required) parsed.makeOptionMandatory();
  if (takesText)
    parsed.argParser((text) => {
      try {
        give(given, flag, option.kind.parse(text));
      } catch (error) {
        throw error instanceof ValueError ? new InvalidArgumentError(error.message) : error;
      }
      return text;
    });
  else parser.on(`option:${names.at(-1)!.slice(2)}`, () => give(given, flag, value));
  parser.addOption(parsed);
};
