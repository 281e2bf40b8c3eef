/**
 * A map that keeps entries up to a total weight and drops the least recently used ones, so that a run over many
 * shapes does not collect compiled programs without end. The entry used last stays, whatever its weight.
 */
export class ProgramCache<T> {
  /** Those used since the last call of `dropUnused`. */
  #used = new Set<string>();
  readonly #entries = new Map<string, { readonly value: T; readonly weight: number }>();
  readonly #limit: number;
  readonly #onEvict: (key: string) => void;
  #weight = 0;

  constructor(limit: number, onEvict: (key: string) => void) {
    this.#limit = limit;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry, which then counts as just used. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A map iterates in the order of insertion: the first entry is the one unused for longest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#used.add(key);
    return entry.value;
  }

  /** Adds an entry; by default each weighs one. */
  set(key: string, value: T, weight = 1): void {
    this.delete(key);
    this.#entries.set(key, { value, weight });
    this.#used.add(key);
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#limit || oldest === key) break;
      this.delete(oldest);
      this.#onEvict(oldest);
    }
  }

  /** Drops an entry without a call of `onEvict`. */
  delete(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
    this.#used.delete(key);
  }

  /** Drops the entries that nobody has used since the last call. */
  dropUnused(): void {
    for (const key of [...this.#entries.keys()]) {
      if (this.#used.has(key)) continue;
      this.delete(key);
      this.#onEvict(key);
    }
    this.#used = new Set();
  }
}
