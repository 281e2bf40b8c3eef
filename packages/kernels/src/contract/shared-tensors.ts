import type { Resident, Runtime } from '@ntk-lens/engine';

/** Counts who holds a tensor, and releases it when the last lets go. */
export class SharedTensors {
  readonly #runtime: Runtime;
  readonly #holders = new Map<Resident, number>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  hold(tensors: Iterable<Resident>): void {
    for (const tensor of tensors) this.#holders.set(tensor, (this.#holders.get(tensor) ?? 0) + 1);
  }

  /** Lets go of tensors; those that nobody was counted to hold are released at once. */
  release(tensors: Iterable<Resident>): void {
    const free: Resident[] = [];
    for (const tensor of tensors) {
      const left = (this.#holders.get(tensor) ?? 1) - 1;
      if (left > 0) this.#holders.set(tensor, left);
      else {
        this.#holders.delete(tensor);
        free.push(tensor);
      }
    }
    this.#runtime.release(free);
  }
}
