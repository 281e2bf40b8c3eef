/**
 * A map that keeps a bounded number of entries and drops the least recently used one, so that a run over many
 * shapes does not collect compiled programs without end.
 */
export class ProgramCache<T> {
  readonly #entries = new Map<string, T>();
  readonly #limit: number;
  readonly #onEvict: (key: string) => void;

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
    return entry;
  }

  set(key: string, entry: T): void {
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#onEvict(oldest);
    }
  }

  /** Drops an entry without a call of `onEvict`. */
  delete(key: string): void {
    this.#entries.delete(key);
  }
}
