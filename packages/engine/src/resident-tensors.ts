import { sizeOf } from '@ntk-lens/core';
import type { Resident } from './runtime.js';

// One counter for all runtimes of the process: a tensor of one is then never taken for a tensor of another.
let nextId = 0;

/** The tensors that are resident in one runtime, with what the runtime keeps for each. */
export class ResidentTensors<T> {
  readonly #live = new Map<number, { readonly bytes: number; readonly value: T }>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(shape: readonly number[], itemSize: number, value: T): Resident {
    const tensor = { id: nextId++, shape, bytes: sizeOf(shape) * itemSize };
    this.#live.set(tensor.id, { bytes: tensor.bytes, value });
    this.#bytes += tensor.bytes;
    return tensor;
  }

  has(tensor: Resident): boolean {
    return this.#live.has(tensor.id);
  }

  get(tensor: Resident): T | undefined {
    return this.#live.get(tensor.id)?.value;
  }

  /** Forgets a tensor; false if it was not resident. */
  delete(tensor: Resident): boolean {
    const entry = this.#live.get(tensor.id);
    if (!entry) return false;
    this.#bytes -= entry.bytes;
    return this.#live.delete(tensor.id);
  }

  clear(): void {
    this.#live.clear();
    this.#bytes = 0;
  }

  values(): T[] {
    return [...this.#live.values()].map((entry) => entry.value);
  }
}
