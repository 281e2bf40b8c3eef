import type { NDArray } from '@ntk-lens/core';
import type { Program, Resident, Runtime, RuntimeInfo } from '@ntk-lens/engine';

/**
 * A runtime that remembers which tensors it was given, so that all can be released at once whatever happens
 * between. Closing it releases them and leaves the runtime behind it open.
 *
 * @example
 * ```ts
 * const scope = new ResidentScope(runtime);
 * try {
 *   await scope.upload(ndarray(Float32Array.of(1, 2), [2]));
 * } finally {
 *   await scope.close();
 * }
 * ```
 */
export class ResidentScope implements Runtime {
  readonly #runtime: Runtime;
  readonly #live = new Set<Resident>();
  readonly #pending = new Set<Promise<readonly Resident[]>>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get info(): RuntimeInfo {
    return this.#runtime.info;
  }

  get residentBytes(): number {
    let bytes = 0;
    for (const tensor of this.#live) bytes += tensor.bytes;
    return bytes;
  }

  async upload(array: NDArray<'float32' | 'int32'>): Promise<Resident> {
    const tensor = this.#runtime.upload(array);
    await this.#keep(tensor.then((one) => [one]));
    return tensor;
  }

  download(tensor: Resident): Promise<NDArray> {
    return this.#runtime.download(tensor);
  }

  async run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>> {
    const outputs = this.#runtime.run(program, inputs);
    await this.#keep(outputs.then((all) => Object.values(all)));
    return outputs;
  }

  compute(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, NDArray>> {
    return this.#runtime.compute(program, inputs);
  }

  reclaim(tensor: Resident): Promise<ArrayBuffer | undefined> {
    this.#live.delete(tensor);
    return this.#runtime.reclaim(tensor);
  }

  release(tensors: Iterable<Resident>): void {
    const list = [...tensors];
    for (const tensor of list) this.#live.delete(tensor);
    this.#runtime.release(list);
  }

  trim(most: number): Promise<void> {
    return this.#runtime.trim(most);
  }

  /** Waits for calls that run in parallel with one that failed, and releases their results too. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    this.release(this.#live);
  }

  async #keep(tensors: Promise<readonly Resident[]>): Promise<void> {
    this.#pending.add(tensors);
    try {
      for (const tensor of await tensors) this.#live.add(tensor);
    } finally {
      this.#pending.delete(tensors);
    }
  }
}
