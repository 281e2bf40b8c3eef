/** Work that a kill can lose, and that a cancelled run waits for, is one sweep. */
export const MOST_COLUMNS = 512;

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

export const total = (indices: readonly number[], cost: readonly number[]): number => {
  let sum = 0;
  for (const index of indices) sum += cost[index]!;
  return sum;
};

/** Panels of examples of about equal size whose bytes stay below `room`, as few as that takes, but at least `least`. */
export const cut = (
  indices: readonly number[],
  cost: readonly number[],
  room: number,
  most: number,
  least = 1,
): number[][] => [...panelsOf(indices, cost, { room, most, least })];

/** Limits of panels. */
export interface PanelLimits {
  readonly room: number;
  readonly most: number;
  readonly least: number;
}

/**
 * The panels of {@link cut}, each when it is asked for.
 *
 * @param all cost of all examples
 */
export function* panelsOf(
  indices: readonly number[],
  cost: readonly number[],
  { room, most, least }: PanelLimits,
  all: number = total(indices, cost),
): Generator<number[]> {
  if (indices.length === 0) return;
  const count = Math.max(least, Math.ceil(all / room), Math.ceil(indices.length / most));
  const share = all / count;
  let [from, used, panels] = [0, 0, 1];
  for (let i = 0; i < indices.length; i++) {
    const own = cost[indices[i]!]!;
    const full = used + own > room || i - from >= most;
    if (i > from && (full || (used >= share && panels < count))) {
      yield indices.slice(from, i);
      [from, used] = [i, 0];
      panels++;
    }
    used += own;
  }
  yield indices.slice(from);
}

/**
 * Shares of queries whose work is about the same. Products of tokens grow with the length of a query, and those of gradients do
 * not, so that a query counts by its bytes and as one of all.
 *
 * @param own rows whose products among themselves belong to the first share, which may have no queries then
 */
export const shared = (
  queries: readonly number[],
  bytes: readonly number[],
  count: number,
  own: readonly number[],
): number[][] => {
  if (queries.length === 0) return own.length > 0 ? [[]] : [];
  const mean = total(queries, bytes) / queries.length;
  const weightOf = (index: number): number => bytes[index]! + mean;
  const weigh = (indices: readonly number[]): number =>
    indices.reduce((sum, index) => sum + weightOf(index), 0);
  // Every pair of rows counts once.
  const ahead = weigh(own) / 2;
  const share = (weigh(queries) + ahead) / count;
  if (count > 1 && ahead >= share) return [[], ...shared(queries, bytes, count - 1, [])];
  const shares: number[][] = Array.from({ length: count }, () => []);
  let before = ahead;
  for (const index of queries) {
    const weight = weightOf(index);
    shares[Math.min(count - 1, Math.floor((before + weight / 2) / share))]!.push(index);
    before += weight;
  }
  return shares.filter((queries, i) => queries.length > 0 || (i === 0 && ahead > 0));
};

/** Panels of a share of queries; one without any for a share that has none. */
export const cutOrNone = (
  share: readonly number[],
  cost: readonly number[],
  room: number,
  most = MOST_COLUMNS,
): number[][] => (share.length === 0 ? [[]] : cut(share, cost, room, most));
