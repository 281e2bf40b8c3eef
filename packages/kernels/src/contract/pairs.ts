/** A pair of values for all batches of a tile, one for the rows and one for the columns. */
export interface Sides<T> {
  readonly rows: readonly T[];
  readonly columns: readonly T[];
}

export const mapSides = <T, U>(
  { rows, columns }: Sides<T>,
  f: (item: T, side: keyof Sides<T>, i: number) => U,
): Sides<U> => ({
  rows: rows.map((item, i) => f(item, 'rows', i)),
  columns: columns.map((item, i) => f(item, 'columns', i)),
});

/** The same for both sides, one item after another. */
export const mapSidesInOrder = async <T, U>(
  { rows, columns }: Sides<T>,
  f: (item: T) => Promise<U>,
): Promise<Sides<U>> => {
  const all: U[] = [];
  for (const item of [...rows, ...columns]) all.push(await f(item));
  return { rows: all.slice(0, rows.length), columns: all.slice(rows.length) };
};

export const bothSides = <T>({ rows, columns }: Sides<T>): T[] => [...rows, ...columns];

/** Two things that meet, and the kernel that their products are added to. */
export interface Pair<T> {
  readonly x: T;
  readonly y: T;
  /** Rows against columns, or rows against rows. */
  readonly target: 'cross' | 'self';
  /** The product is also that of the pair turned round. */
  readonly mirror: boolean;
}

/**
 * All pairs that a tile multiplies: one column after another against all rows; and, if `self` is wanted, rows against
 * rows, of which one triangle is enough where the kernel is symmetric.
 */
export const pairs = function* <T>(
  { rows, columns }: Sides<T>,
  { self, symmetric }: { readonly self: boolean; readonly symmetric: boolean },
): Generator<Pair<T>> {
  for (const y of columns) for (const x of rows) yield { x, y, target: 'cross', mirror: false };
  if (!self) return;
  for (const [i, x] of rows.entries())
    for (const [j, y] of rows.entries())
      if (!symmetric || j >= i) yield { x, y, target: 'self', mirror: symmetric && i !== j };
};

/** The number of those pairs, by the numbers of rows and columns. */
export const pairCount = (
  { rows, columns }: { readonly [S in keyof Sides<unknown>]: number },
  { self, symmetric }: { readonly self: boolean; readonly symmetric: boolean },
): number => rows * columns + (self ? rows * (symmetric ? (rows + 1) / 2 : rows) : 0);
