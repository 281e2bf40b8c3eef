import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BadArgumentError, didYouMean } from '@ntk-lens/core';
import { BenchUsageError } from './errors.js';
import type { Kind, OptionDefinition, OptionDefinitions, ValuesOf } from './option.js';

/** Paths are relative to the folder in which pnpm was called, which need not be that in which it runs a script. */
const absolute = (path: string): string => resolve(process.env['INIT_CWD'] ?? '.', path);

/**
 * Checks that a name is among those known.
 *
 * @throws BadArgumentError with the name that was probably meant
 */
export const expectKnown = <T extends string>(flag: string, found: string, known: readonly T[]): T => {
  if ((known as readonly string[]).includes(found)) return found as T;
  throw new BadArgumentError(flag, found, `one of ${known.join(', ')}`, didYouMean(found, known));
};

const numberOf = (flag: string, text: string, whole: boolean, least: number | undefined): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const enough = least === undefined ? value > 0 : value >= least;
  if (enough && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))) return value;
  const range = least === undefined ? (whole ? 'of at least 1' : 'above 0') : `of at least ${least}`;
  throw new BadArgumentError(flag, text, `a ${whole ? 'whole ' : ''}number ${range}`);
};

const pathOf = (flag: string, text: string, kind: 'file' | 'folder' | 'place'): string => {
  const path = absolute(text);
  if (kind === 'place') {
    if (!existsSync(dirname(path))) throw new BadArgumentError(flag, text, 'a place in a folder that exists');
  } else if (!existsSync(path) || statSync(path).isDirectory() !== (kind === 'folder'))
    throw new BadArgumentError(flag, text, `a ${kind} that exists`);
  return path;
};

type Reader = (flag: string, text: string, definition: OptionDefinition) => unknown;

const readers: Readonly<Record<Exclude<Kind, 'flag'>, Reader>> = {
  text: (flag, text, { choices }) => (choices ? expectKnown(flag, text, choices) : text),
  names: (flag, text, { choices }) =>
    text.split(',').map((name) => (choices ? expectKnown(flag, name.trim(), choices) : name.trim())),
  count: (flag, text, { least }) => numberOf(flag, text, true, least),
  number: (flag, text, { least }) => numberOf(flag, text, false, least),
  file: (flag, text) => pathOf(flag, text, 'file'),
  folder: (flag, text) => pathOf(flag, text, 'folder'),
  place: (flag, text) => pathOf(flag, text, 'place'),
};

/**
 * Reads the options of a bench from its command line.
 *
 * @throws BenchUsageError for an option that is not known, and for an argument or a value that is missing or needless
 * @throws BadArgumentError for a value that does not fit
 */
export const parseOptions = <D extends OptionDefinitions>(
  bench: string,
  definitions: D,
  argv: readonly string[],
): ValuesOf<D> => {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(definitions).map(([name, { kind }]) => [
        name,
        { type: kind === 'flag' ? 'boolean' : 'string' } as const,
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional')
      throw new BenchUsageError(bench, `takes no argument without an option, found "${token.value}".`);
    const { name, rawName: flag, value: text } = token;
    const definition = Object.hasOwn(definitions, name) ? definitions[name]! : undefined;
    if (definition === undefined) {
      const flags = Object.keys(visible(definitions)).map((known) => `--${known}`);
      throw new BenchUsageError(bench, `has no option ${flag}.${didYouMean(flag, flags)}`);
    }
    if (definition.kind === 'flag') {
      if (text !== undefined)
        throw new BenchUsageError(bench, `takes no value for ${flag}, found "${text}".`);
      values[name] = true;
    } else {
      if (text === undefined || text === '' || (!token.inlineValue && text.startsWith('--')))
        throw new BenchUsageError(bench, `needs a value for ${flag}.`);
      values[name] = readers[definition.kind](flag, text, definition);
    }
  }
  for (const [name, { kind, default: preset, required }] of Object.entries(definitions)) {
    values[name] ??= kind === 'flag' ? false : preset;
    if (required && values[name] === undefined) throw new BenchUsageError(bench, `needs --${name}.`);
  }
  return values as ValuesOf<D>;
};

/** The options that the help names. */
export const visible = (definitions: OptionDefinitions): OptionDefinitions =>
  Object.fromEntries(Object.entries(definitions).filter(([, { internal }]) => !internal));
