import { CommanderError, Option, Command as Parser } from 'commander';
import { UsageError } from '../options/errors.js';
import { type Flag, flagsOf, type Given, give, nothingGiven } from '../options/flags.js';
import { ValueError } from '../options/kinds.js';
import { version } from '../version.js';
import type { Command } from './command.js';
import { type CliContext, columnsOf } from './context.js';
import { exitCodes } from './exit-code.js';
import { helpText } from './help.js';
import { perform } from './perform.js';
import { program } from './program.js';
import { adviceOf, usageError } from './usage-error.js';

/**
 * Reads the command line and does what it says.
 *
 * @param whole the program, with all its commands
 * @returns the exit code
 * @throws UsageError, and what the command throws
 */
export const parseAndRun = async (
  argv: readonly string[],
  context: CliContext,
  whole: Command = program,
): Promise<number> => {
  try {
    await parserOf([whole], argv, context).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that is printed because no command was named.
    if (error.exitCode !== 0) return exitCodes.input;
  }
  return exitCodes.done;
};

/** The parser of a command and of those below it. */
const parserOf = (path: readonly Command[], argv: readonly string[], context: CliContext): Parser => {
  const { name, args, commands = [], options, run } = path.at(-1)!;
  const parser = new Parser(name)
    .helpOption('-h, --help')
    .helpCommand(commands.length > 0)
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => {},
    })
    .exitOverride((error) => {
      throw error.exitCode === 0 || error.code === 'commander.help'
        ? error
        : usageError(error, path, parser.args);
    });
  parser.helpInformation = () => helpText(path, columnsOf(context.stdout));
  if (path.length === 1) parser.version(version, '-V, --version');
  for (const [i, command] of commands.entries())
    parser.addCommand(parserOf([...path, command], argv, context), { isDefault: i === 0 && path.length > 1 });
  if (run === undefined) return parser;
  if (args) parser.argument(args[0]);
  const given = nothingGiven();
  for (const flag of options.flatMap(flagsOf).flatMap(asParsed)) addFlag(parser, flag, given, path);
  return parser.action(async () => {
    for (const {
      section,
      path: [field],
      option,
    } of options.flatMap(flagsOf))
      if (section === 'command' && option.default !== undefined) given.command[field!] ??= option.default;
    await perform(path, given, parser.args, argv, context);
  });
};

/** The parser knows two names of an option: a third one is an option of its own. */
const asParsed = (flag: Flag): readonly Flag[] => {
  const { flags, names } = flag;
  if (names.length < 3) return [flag];
  const argument = flags.slice(names.join(', ').length);
  return [names.slice(0, 2), names.slice(2)].map((own) => ({
    ...flag,
    flags: `${own.join(', ')}${argument}`,
    names: own,
  }));
};

const addFlag = (parser: Parser, flag: Flag, given: Given, path: readonly Command[]): void => {
  const { section, option, flags, names, takesText, value } = flag;
  const parsed = new Option(flags);
  if (section === 'command' && option.required) parsed.makeOptionMandatory();
  if (takesText)
    parsed.argParser((text) => {
      try {
        give(given, flag, option.kind.parse(text));
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        const found = `${names.at(-1)}: found ${JSON.stringify(text)}, expected ${error.expected}.`;
        throw new UsageError(`${found}${error.hint}`, adviceOf(path));
      }
      return text;
    });
  else parser.on(`option:${names.at(-1)!.slice(2)}`, () => give(given, flag, value));
  parser.addOption(parsed);
};
