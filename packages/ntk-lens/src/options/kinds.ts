import { didYouMean } from '@ntk-lens/core';
import type { z as zod } from 'zod';

/** zod, loaded only where a file is read: help and completion do without it. */
export type Zod = typeof zod;

/** A kind of value: how it is read from a command line and from the environment, and how a file holds it. */
export interface Kind<T> {
  /** @throws ValueError, which says what was expected */
  parse(text: string): T;
  schema(z: Zod): zod.ZodType<T>;
  /** The values that there are, where they can be listed. */
  readonly choices?: readonly string[];
  /** Names that completion offers where other values are possible, too; loads what knows them. */
  names?(): Promise<readonly string[]>;
  /** A path, or a name that is one where there is such a path: a project file means it from its own folder. */
  readonly path?: 'always' | 'if there';
  /** Given several times, it gathers all values. */
  readonly repeated?: true;
}

/**
 * A text that is no value of a kind, with the expected kind, and a question after the name that was probably
 * meant.
 */
export class ValueError extends Error {
  constructor(
    readonly expected: string,
    readonly hint = '',
  ) {
    super(`Expected ${expected}.${hint}`);
  }
}

const fail = (expected: string, hint?: string): never => {
  throw new ValueError(expected, hint);
};

/** Any text. */
export const text: Kind<string> = { parse: (given) => given, schema: (z) => z.string().min(1) };

/** A file or a directory. */
export const path: Kind<string> = { ...text, path: 'always' };

/** Given or not. */
export const toggle: Kind<boolean> = { parse: () => true, schema: (z) => z.boolean() };

/** A whole number from `least` to `most`. */
export const integer = (least: number, most = Number.MAX_SAFE_INTEGER): Kind<number> => ({
  parse: (given) => {
    const value = Number(given);
    const range = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
    return /^\d+$/.test(given) && value >= least && value <= most ? value : fail(`a whole number ${range}`);
  },
  schema: (z) => (most === Number.MAX_SAFE_INTEGER ? z.int().min(least) : z.int().min(least).max(most)),
});

interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly below?: number;
  readonly most?: number;
}

/** A finite number within bounds. */
export const number = ({ least, above, below, most }: Bounds): Kind<number> => ({
  parse: (given) => {
    const value = Number(given);
    const fits =
      given.trim() !== '' &&
      Number.isFinite(value) &&
      (least === undefined || value >= least) &&
      (above === undefined || value > above) &&
      (below === undefined || value < below) &&
      (most === undefined || value <= most);
    const ends = Object.entries({ '≥': least, '>': above, '<': below, '≤': most });
    const named = ends.flatMap(([sign, end]) => (end === undefined ? [] : [`${sign} ${end}`]));
    return fits ? value : fail(`a number ${named.join(' and ')}`);
  },
  schema: (z) => {
    let schema = z.number();
    if (least !== undefined) schema = schema.min(least);
    if (above !== undefined) schema = schema.gt(above);
    if (below !== undefined) schema = schema.lt(below);
    if (most !== undefined) schema = schema.max(most);
    return schema;
  },
});

/** One of some names. */
export const oneOf = <const T extends string>(choices: readonly T[]): Kind<T> => ({
  parse: (given) =>
    choices.find((name) => name === given.trim()) ??
    fail(`one of ${choices.join(', ')}`, didYouMean(given, choices)),
  schema: (z) =>
    z.enum(choices, {
      error: ({ input }) =>
        `Found ${JSON.stringify(input)}, expected one of ${choices.join(', ')}.${didYouMean(String(input), choices)}`,
    }),
  choices,
});

/** `inf` for no limit, which files hold as null. */
export const orInf = <T>(kind: Kind<T>): Kind<T | null> => ({
  parse: (given) => (/^(inf|infinity|∞|none)$/i.test(given) ? null : kind.parse(given)),
  schema: (z) => kind.schema(z).nullable(),
});

const areUnique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

const unique = <T>(values: readonly T[]): T[] => (areUnique(values) ? [...values] : fail('no value twice'));

/** Values separated by commas, none twice; at most `most`. */
export const list = <T>(kind: Kind<T>, most = Number.POSITIVE_INFINITY): Kind<T[]> => ({
  parse: (given) => {
    const values = unique(given.split(',').map((item) => kind.parse(item.trim())));
    return values.length <= most ? values : fail(`at most ${most} values`);
  },
  schema: (z) => {
    const schema = z.array(kind.schema(z)).min(1).refine(areUnique, 'Expected no value twice.');
    return Number.isFinite(most) ? schema.max(most) : schema;
  },
  choices: kind.choices,
});

/** A list of what is given time after time. */
export const repeated = <T>(kind: Kind<T>): Kind<T[]> => ({
  parse: (given) => [kind.parse(given)],
  schema: (z) => z.array(kind.schema(z)),
  repeated: true,
});

/** A list that may be empty: `none`. */
export const listOrNone = <T>(kind: Kind<T>): Kind<T[]> => ({
  parse: (given) => (given === 'none' ? [] : list(kind).parse(given)),
  schema: (z) => z.array(kind.schema(z)),
  choices: kind.choices && [...kind.choices, 'none'],
});

/** The seeds that NumPy takes. */
export const seed = integer(0, 2 ** 32 - 1);

/** Name of a column, or its number from 0. */
export const column: Kind<string | number> = {
  parse: (given) => {
    const name = given.trim();
    return name === '' ? fail('column names or numbers from 0') : /^\d+$/.test(name) ? Number(name) : name;
  },
  schema: (z) => z.union([z.string().min(1), z.int().min(0)]),
};

/** One character between cells, or `tab`. */
export const delimiter: Kind<string> = {
  parse: (given) => {
    const character = /^(tab|\\t)$/i.test(given) ? '\t' : given;
    return /^[^"\r\n]$/u.test(character) ? character : fail('one character, or tab');
  },
  schema: (z) => z.string().regex(/^[^"\r\n]$/u),
};

/** Names of parameters, `*` for any characters: `*bias*,*LayerNorm*`. */
export const globs: Kind<string[]> = {
  parse: (given) => {
    const found = list(text).parse(given);
    return found.includes('') ? fail('parameter names, * for any characters, separated by commas') : found;
  },
  schema: (z) => z.array(z.string().min(1)),
};

/** `full,lora:r=8,alpha=16,prefix:20`: a part `key=value` after a comma belongs to the space before it. */
export const spaces: Kind<string[]> = {
  parse: (given) => {
    const trimmed = given.split(',').map((part) => part.trim());
    const found = unique(trimmed.join(',').split(/,(?![^:,]*=)/));
    return found.includes('')
      ? fail('parameter spaces, such as full,lora:r=8,bitfit,prefix:20,intrinsic:1000')
      : found;
  },
  schema: (z) => z.array(z.string().min(1)).min(1),
};

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const binaryUnits: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `4GB`, `512MiB`, `2g`, or a number of bytes. */
export const bytes: Kind<number> = {
  parse: (given) => {
    const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(given.trim());
    const unit = match && (match[3] ? binaryUnits : units)[match[2]!.toLowerCase()];
    const value = unit ? Math.floor(Number(match[1]) * unit) : 0;
    return value >= 1 && Number.isSafeInteger(value)
      ? value
      : fail('an amount of memory such as 4GB or 512MiB');
  },
  schema: (z) => z.int().min(1),
};

/** Label words by label; the command line gives JSON or a Python dict, which is read when prompts are made. */
export const mapping: Kind<Record<string, string>> = {
  parse: (given) => given as unknown as Record<string, string>,
  schema: (z) => z.record(z.string(), z.string()),
};

/** `FROM=TO`; `expected` says what the two are. */
export const pair = (expected: string): Kind<[string, string]> => ({
  parse: (given) => {
    const at = given.indexOf('=');
    return at < 1 || at === given.length - 1 ? fail(expected) : [given.slice(0, at), given.slice(at + 1)];
  },
  schema: (z) => z.tuple([z.string(), z.string()]),
});
