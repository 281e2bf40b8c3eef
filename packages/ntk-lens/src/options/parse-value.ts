import { InvalidArgumentError } from 'commander';

const fail = (expected: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}.`);
};

const items = (text: string): string[] => text.split(',').map((item) => item.trim());

/** `2`, at least `least`. */
export const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    const good = /^\d+$/.test(text) && value >= least && value <= most;
    return good
      ? value
      : fail(
          most === Number.MAX_SAFE_INTEGER
            ? `a whole number ≥ ${least}`
            : `a whole number from ${least} to ${most}`,
        );
  };

/** `13,21,42`, without repetition. */
export const integers =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): readonly number[] =>
    unique(items(text).map(integer(least, most)));

const maxSeed = 2 ** 32 - 1;
export const seeds = integers(0, maxSeed);

/** `a,b`, each one of `known`. */
export const names =
  <T extends string>(known: readonly T[]) =>
  (text: string): readonly T[] =>
    unique(
      items(text).map(
        (item) =>
          known.find((name) => name === item) ??
          fail(`one or more of ${known.join(', ')}, separated by commas`),
      ),
    );

/** One of `known`. */
export const oneOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T =>
    known.find((name) => name === text.trim()) ?? fail(`one of ${known.join(', ')}`);

/** `0,0.01`, each finite and ≥ 0. */
export const strengths = (text: string): readonly number[] =>
  unique(
    items(text).map((item) =>
      item !== '' && Number(item) >= 0 && Number.isFinite(Number(item))
        ? Number(item)
        : fail('numbers ≥ 0, separated by commas, such as 0,0.01,1'),
    ),
  );

const listOf =
  (good: (value: number) => boolean, expected: string) =>
  (text: string): readonly number[] =>
    unique(items(text).map((item) => (item !== '' && good(Number(item)) ? Number(item) : fail(expected))));

/** `0.1,1`, each finite and > 0. */
export const positives = listOf(
  (value) => value > 0 && Number.isFinite(value),
  'numbers > 0, separated by commas, such as 0.1,1',
);

/** `0,0.5,1`, each from 0 to 1. */
export const shares = listOf(
  (value) => value >= 0 && value <= 1,
  'numbers from 0 to 1, separated by commas, such as 0,0.5,1',
);

/** `10,100,inf`, each > 0; `inf` is null. */
export const positivesOrInf = (text: string): readonly (number | null)[] =>
  unique(
    items(text).map((item) => {
      if (/^(inf|infinity|∞|none)$/i.test(item)) return null;
      const value = Number(item);
      return item !== '' && value > 0 && Number.isFinite(value)
        ? value
        : fail('numbers > 0 or inf, separated by commas, such as 100,inf');
    }),
  );

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** `4GB`, `512MiB`, `2g` or bytes. */
export const bytes = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim());
  const value = match ? Math.floor(Number(match[1]) * units[(match[2] ?? '').toLowerCase()]!) : 0;
  return value >= 1 && Number.isSafeInteger(value)
    ? value
    : fail('an amount of memory such as 4GB or 512MiB');
};

/** `*bias*,*LayerNorm*`. */
export const globs = (text: string): readonly string[] => {
  const list = unique(items(text));
  return list.every((glob) => glob !== '')
    ? list
    : fail('parameter names, * for any characters, separated by commas');
};

/**
 * `full,lora:r=8,alpha=16,prefix:20`: parameter spaces, whose own arguments are joined by commas too. What is
 * `key=value` belongs to the space before it.
 */
export const spaces = (text: string): readonly string[] => {
  const list: string[] = [];
  for (const item of items(text)) {
    const last = list.at(-1);
    if (last !== undefined && /^[^:]*=/.test(item)) list[list.length - 1] = `${last},${item}`;
    else list.push(item);
  }
  return list.every((space) => space !== '')
    ? unique(list)
    : fail('parameter spaces, such as full,lora:r=8,bitfit,prefix:20,intrinsic:1000');
};

const unique = <T>(values: readonly T[]): readonly T[] =>
  new Set(values).size === values.length ? values : fail('no value twice');
