/** Cost of looking at one character, in steps. */
const STEPS = 4;

/** The tokens of a vocabulary in order, for finding all that a text goes on with at some place. */
export class SortedTokens {
  private readonly tokens: readonly string[];
  private readonly ids: Int32Array;
  /** First and last place of the tokens that begin with a unit. */
  private readonly first = new Map<number, readonly [number, number]>();

  constructor(vocabulary: ReadonlyMap<string, number>) {
    // The default order of strings is that of their UTF-16 units.
    this.tokens = [...vocabulary.keys()].filter((token) => token !== '').sort();
    this.ids = Int32Array.from(this.tokens, (token) => vocabulary.get(token)!);
    for (let i = 0; i < this.tokens.length; ) {
      const unit = this.tokens[i]!.charCodeAt(0);
      const end = this.lowerBound(i, this.tokens.length, 0, unit + 1);
      this.first.set(unit, [i, end]);
      i = end;
    }
  }

  /** First place in [low, high) whose unit at `depth` is not below `unit`; a token that ends there counts as below. */
  private lowerBound(low: number, high: number, depth: number, unit: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      const token = this.tokens[middle]!;
      if ((depth < token.length ? token.charCodeAt(depth) : -1) < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Calls `visit` with id and end of every token found in `text` at `start`, the shortest first.
   *
   * @returns steps of the search, for each character that was looked at
   */
  prefixes(text: string, start: number, visit: (id: number, end: number) => void): number {
    const range = this.first.get(text.charCodeAt(start));
    if (range === undefined) return STEPS;
    let [low, high] = range;
    for (let depth = 1; ; depth++) {
      if (low >= high) return STEPS * depth;
      if (this.tokens[low]!.length === depth) visit(this.ids[low++]!, start + depth);
      if (low >= high || start + depth >= text.length) return STEPS * depth;
      const unit = text.charCodeAt(start + depth);
      low = this.lowerBound(low, high, depth, unit);
      high = this.lowerBound(low, high, depth, unit + 1);
    }
  }
}
