/** A prompted example as kernel-run.ts and the Python peers read it. */
export interface DrawnExample {
  readonly ids: readonly number[];
  /** Id of the mask token. */
  readonly position: number;
}

export interface DrawnInputs {
  readonly train: readonly DrawnExample[];
  readonly query: readonly DrawnExample[];
  readonly labelWordIds: readonly number[];
}

const [CLS, SEP, MASK, VOCABULARY] = [0, 2, 50264, 50264];

/** Random token ids in RoBERTa's vocabulary, lengths uniform in `tokens`; the same for the same seed. */
export const drawInputs = (
  train: number,
  query: number,
  tokens: readonly [number, number],
  seed: number,
): DrawnInputs => {
  let state = (seed * 2654435761) >>> 0;
  /** mulberry32, uniform in [0, 1). */
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const example = (): DrawnExample => {
    const length = integer(...tokens);
    const ids = Array.from({ length }, () => integer(5, VOCABULARY - 1));
    const position = length - 3;
    [ids[0], ids[length - 1], ids[position]] = [CLS, SEP, MASK];
    return { ids, position };
  };
  const many = (count: number) => Array.from({ length: count }, example);
  return { train: many(train), query: many(query), labelWordIds: [6587, 372] };
};
