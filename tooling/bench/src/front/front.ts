import { isNtkLensError, wrapText } from '@ntk-lens/core';
import { type BenchName, benches } from './benches.js';
import { UnknownBenchError } from './errors.js';
import { helpOf, listing } from './help.js';
import { parseOptions } from './parse-options.js';

/** The work of a command line: a text to print, or a bench to run. */
export type Answer = { readonly print: string } | { readonly bench: BenchName };

const asksForHelp = (word: string): boolean => word === '--help' || word === '-h';

/**
 * Understands a command line and checks all of it, before any work.
 *
 * @param argv the words after `pnpm bench`
 * @throws UnknownBenchError, BenchUsageError, and BadArgumentError for a value that does not fit
 */
export const understand = ([name, ...rest]: readonly string[]): Answer => {
  if (name === undefined || asksForHelp(name)) return { print: listing(benches) };
  if (!Object.hasOwn(benches, name)) throw new UnknownBenchError(name, Object.keys(benches));
  const bench = name as BenchName;
  if (rest.some(asksForHelp)) return { print: helpOf(bench, benches[bench]) };
  parseOptions(bench, benches[bench].options, rest);
  return { bench };
};

const exitCodes = { input: 2, failure: 1, cancelled: 130 } as const;

/** Prints a typed error without its stack, and any other whole; returns the exit code. */
export const report = (error: unknown): number => {
  if (!isNtkLensError(error)) {
    console.error(error);
    return exitCodes.failure;
  }
  console.error(wrapText(error.message, process.stderr.columns ?? 110).join('\n'));
  return exitCodes[error.kind];
};
