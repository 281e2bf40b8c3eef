import { median } from '@ntk-lens/tensor-programs';

/** One measurement of each side, near each other in time. */
type Sides<R> = { readonly [S in keyof R]: (turn: number) => Promise<R[S]> };

export interface TurnOptions<R> {
  readonly turns: number;
  /** A turn before the first that does not count: it fills the page cache. */
  readonly warmUp?: boolean;
  readonly onTurn?: (measured: R, turn: number) => void;
}

/**
 * Measures sides one after the other, again and again, so that all meet the same changes of a shared machine. The side
 * that begins changes from turn to turn.
 */
export const byTurns = async <R extends object>(
  sides: Sides<R>,
  { turns, warmUp = false, onTurn }: TurnOptions<R>,
): Promise<readonly Readonly<R>[]> => {
  const names = Object.keys(sides) as (keyof R)[];
  const measured: R[] = [];
  for (let turn = warmUp ? -1 : 0; turn < turns; turn++) {
    const found = {} as R;
    for (const name of turn % 2 === 0 ? names : names.toReversed()) found[name] = await sides[name](turn);
    if (turn < 0) continue;
    measured.push(found);
    onTurn?.(found, turn);
  }
  return measured;
};

/** The element in the middle by a number; of an even count the smaller of two. */
export const middle = <T>(values: readonly T[], by: (value: T) => number): T =>
  values.toSorted((a, b) => by(a) - by(b))[Math.floor((values.length - 1) / 2)]!;

/** The median of a number over the turns. */
export const medianOf = <T>(turns: readonly T[], of: (turn: T) => number): number => median(turns.map(of));
