/** A prompted example as kernel-run.ts and the Python peers read it. */
export interface DrawnExample {
  readonly ids: readonly number[];
  /** Place of the token that is read out. */
  readonly position: number;
}

export interface DrawnInputs {
  readonly train: readonly DrawnExample[];
  readonly query: readonly DrawnExample[];
  readonly labelWordIds: readonly number[];
}

/** Ids of a tokenizer that examples are drawn with. */
interface Vocabulary {
  readonly words: number;
  /** First, last and read-out token of an example; without them examples are read at their last token, as a causal model does. */
  readonly special?: readonly [first: number, last: number, mask: number];
  readonly labelWordIds: readonly number[];
}

const roberta: Vocabulary = { words: 50264, special: [0, 2, 50264], labelWordIds: [6587, 372] };

/** Random token ids, lengths uniform in `tokens`; the same for the same seed. Default: in RoBERTa's vocabulary. */
export const drawInputs = (
  train: number,
  query: number,
  tokens: readonly [number, number],
  seed: number,
  { words, special, labelWordIds }: Vocabulary = roberta,
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
    const ids = Array.from({ length }, () => integer(5, words - 1));
    if (!special) return { ids, position: length - 1 };
    const position = length - 3;
    [ids[0], ids[length - 1], ids[position]] = special;
    return { ids, position };
  };
  const many = (count: number) => Array.from({ length: count }, example);
  return { train: many(train), query: many(query), labelWordIds };
};
