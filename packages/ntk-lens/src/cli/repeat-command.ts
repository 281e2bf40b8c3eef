import { flagsOf } from '../options/flags.js';
import type { RunConfig } from '../options/run-config.js';
import type { Command } from './command.js';
import { programName } from './program-name.js';

/** A word as a POSIX shell reads it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value);

/**
 * The command line that runs a suggestion again, made of the given arguments and a flag for every suggestion.
 *
 * @param argv the given arguments
 * @returns undefined where a flag cannot say a value, as that of a column whose name holds a comma
 */
export const repeatCommand = (
  argv: readonly string[],
  config: RunConfig,
  { options }: Command,
  env: NodeJS.ProcessEnv,
): string | undefined => {
  const words = argv.filter((word) => !['--yes', '-y'].includes(word));
  for (const { section, path, names, option } of options.flatMap(flagsOf)) {
    const field = path.join('.');
    if (section !== 'run' || !['suggestion', 'answer'].includes(config.sources?.[field] ?? '')) continue;
    const value = config[field as keyof RunConfig];
    const text = textOf(value);
    const read = field === 'mapping' ? JSON.parse(text) : option.kind.parse(text);
    if (JSON.stringify(read) !== JSON.stringify(value)) return undefined;
    words.push(names.at(-1)!, text);
  }
  return [programName(env), ...words.map(quoted)].join(' ');
};
