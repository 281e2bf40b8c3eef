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

/** `0,0.01`, each finite and ≥ 0. */
export const strengths = (text: string): readonly number[] =>
  unique(
    items(text).map((item) =>
      item !== '' && Number(item) >= 0 && Number.isFinite(Number(item))
        ? Number(item)
        : fail('numbers ≥ 0, separated by commas, such as 0,0.01,1'),
    ),
  );

/** `10,100,inf`; `inf` is null: f₀ not used. */
export const scales = (text: string): readonly (number | null)[] =>
  unique(
    items(text).map((item) => {
      if (/^(inf|infinity|∞|none)$/i.test(item)) return null;
      const value = Number(item);
      return item !== '' && value > 0 && Number.isFinite(value)
        ? value
        : fail('numbers > 0 or inf, separated by commas, such as 100,inf');
    }),
  );

const unique = <T>(values: readonly T[]): readonly T[] =>
  new Set(values).size === values.length ? values : fail('no value twice');
