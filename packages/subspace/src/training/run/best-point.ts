import type { TensorsByName, TrainingRecord, TrainingStore } from './training-record.js';

/** The values that the development set likes best so far: in a store where there is one, else in memory. */
export class BestPoint {
  readonly #store: TrainingStore | undefined;
  #found: TrainingRecord['best'];
  #values: TensorsByName | undefined;
  #withoutGain = 0;

  constructor(store: TrainingStore | undefined) {
    this.#store = store;
  }

  /** Step and score, once there was an evaluation. */
  get found(): TrainingRecord['best'] {
    return this.#found;
  }

  /** Evaluations since. */
  get withoutGain(): number {
    return this.#withoutGain;
  }

  /** Goes on from a record. */
  resume({ best, withoutGain }: TrainingRecord): void {
    this.#found = best;
    this.#withoutGain = withoutGain;
  }

  /** Keeps the values where their score is better than all before; @returns whether it is */
  async consider(step: number, score: number, values: () => Promise<TensorsByName>): Promise<boolean> {
    if (this.#found && score <= this.#found.score) {
      this.#withoutGain++;
      return false;
    }
    this.#found = { step, score };
    this.#withoutGain = 0;
    if (this.#store) await this.#store.writeBest(step, await values());
    else this.#values = await values();
    return true;
  }

  /** The values, if dev chose any. */
  async values(
    read: (from: TrainingStore, file: string) => Promise<TensorsByName>,
  ): Promise<TensorsByName | undefined> {
    if (this.#values || !this.#found || !this.#store?.bestFile) return this.#values;
    return read(this.#store, this.#store.bestFile);
  }
}
