import { flagsOf } from '../options/flags.js';
import type { Command } from './command.js';

/**
 * The message of a library's error with the flags of a command in place of the library's options: those in backticks,
 * such as `allowIndefinite: true`, and the one that a message starts with.
 */
export const withFlags = (message: string, { options }: Command): string => {
  const names = new Map(
    options
      .flatMap(flagsOf)
      .reverse()
      .flatMap(({ path, option, names: all }) =>
        [path.join('.'), option.libraryName ?? ''].map((name) => [name, all.at(-1)!] as const),
      ),
  );
  return message
    .replace(/`([\w.]+)(?:: (?:true|false|null))?`/g, (text, name: string) => names.get(name) ?? text)
    .replace(/^([\w.]+)(?=: found )/, (name) => names.get(name) ?? name);
};
