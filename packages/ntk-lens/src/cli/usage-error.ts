import { didYouMean } from '@ntk-lens/core';
import type { CommanderError } from 'commander';
import { UsageError } from '../options/errors.js';
import { flagsOf } from '../options/flags.js';
import { type Command, commandsBelow } from './command.js';

const namesOf = (command: Command): readonly string[] => [
  ...command.options.flatMap(flagsOf).flatMap(({ names }) => names.filter((name) => name.startsWith('--'))),
  '--help',
];

/** Commands that take a flag, where the one that got it does not. */
const takersOf = (program: Command, flag: string): string => {
  const takers = commandsBelow(program).filter(({ command }) => namesOf(command).includes(flag));
  return takers.length === 0 ? '' : ` It is an option of ${takers.map(({ words }) => words).join(', ')}.`;
};

const wordsOf = (path: readonly Command[]): string => path.map(({ name }) => name).join(' ');

/** The place to read on. */
export const adviceOf = (path: readonly Command[]): string =>
  `"${wordsOf(path)} --help" lists all commands and options.`;

/** A word that no command of a family has as its name. */
export const unknownCommand = (path: readonly Command[], word: string): UsageError => {
  const names = (path.at(-1)!.commands ?? []).map(({ name }) => name);
  const known = path.length === 1 ? [...names, 'help', 'version'] : names;
  const found = `"${word}" is no command of "${wordsOf(path)}".${didYouMean(word, known)}`;
  return new UsageError(found, adviceOf(path));
};

/** A word that stands where a command takes none: a command that is not known, or a file without its flag. */
const needless = (path: readonly Command[], word: string): UsageError => {
  const [command, above] = [path.at(-1)!, path.at(-2)];
  // The first command of a family is meant where none is named.
  if (above !== undefined && above !== path[0] && command === above.commands![0])
    return unknownCommand(path.slice(0, -1), word);
  const file = /[./\\]/.test(word) && namesOf(command).includes('--data');
  const hint = file ? ` Did you mean "--data ${word}"?` : '';
  return new UsageError(
    `"${wordsOf(path)}" takes no ${command.args ? 'further ' : ''}argument, found "${word}".${hint}`,
    adviceOf(path),
  );
};

/**
 * An error of the parser in the words of the program, with the name that was probably meant.
 *
 * @param path the program, the command that was asked, and those between
 * @param args the arguments on the command line that follow no flag
 */
export const usageError = (
  { code, message }: CommanderError,
  path: readonly Command[],
  args: readonly string[],
): UsageError => {
  const words = wordsOf(path);
  const [program, command] = [path[0]!, path.at(-1)!];
  const advice = adviceOf(path);
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  if (code === 'commander.unknownOption') {
    const flag = quoted.split('=', 1)[0]!;
    const own = path.length === 1 ? ['--version', ...namesOf(command)] : namesOf(command);
    const hint = takersOf(program, flag) || didYouMean(flag, own);
    return new UsageError(`"${words}" has no option ${flag}.${hint}`, advice);
  }
  if (code === 'commander.unknownCommand') return unknownCommand(path, quoted);
  if (code === 'commander.missingArgument')
    return new UsageError(`"${words}" needs ${command.args![0]}: ${command.args![1]}.`, advice);
  if (code === 'commander.missingMandatoryOptionValue')
    return new UsageError(`"${words}" needs ${quoted}.`, advice);
  if (code === 'commander.optionMissingArgument') return new UsageError(`${quoted} needs a value.`, advice);
  if (code === 'commander.excessArguments' && args.length > 0)
    return needless(path, args.at(command.args ? 1 : 0) ?? args[0]!);
  const text = message.replace(/^error: /, '').replace(/\.?$/, '.');
  return new UsageError(`${text[0]!.toUpperCase()}${text.slice(1)}`, advice);
};
