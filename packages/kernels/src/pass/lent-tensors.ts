import type { NDArray } from '@ntk-lens/core';
import type { Program, Resident, Runtime, RuntimeInfo } from '@ntk-lens/engine';

/** A runtime for one who uses tensors that others own: those that were lent stay when they are released. */
export class LentTensors implements Runtime {
  readonly #runtime: Runtime;
  #lent: ReadonlySet<Resident> = new Set();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Lends these tensors, and those that were lent before no longer. */
  lend(tensors: Iterable<Resident>): void {
    this.#lent = new Set(tensors);
  }

  get info(): RuntimeInfo {
    return this.#runtime.info;
  }

  get residentBytes(): number {
    return this.#runtime.residentBytes;
  }

  upload(array: NDArray<'float32' | 'int32'>): Promise<Resident> {
    return this.#runtime.upload(array);
  }

  download(tensor: Resident): Promise<NDArray> {
    return this.#runtime.download(tensor);
  }

  run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>> {
    return this.#runtime.run(program, inputs);
  }

  compute(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, NDArray>> {
    return this.#runtime.compute(program, inputs);
  }

  reclaim(tensor: Resident): Promise<ArrayBuffer | undefined> {
    return this.#runtime.reclaim(tensor);
  }

  release(tensors: Iterable<Resident>): void {
    this.#runtime.release([...tensors].filter((tensor) => !this.#lent.has(tensor)));
  }

  trim(most: number): Promise<void> {
    return this.#runtime.trim(most);
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}
