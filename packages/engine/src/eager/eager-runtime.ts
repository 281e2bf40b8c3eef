import type { NDArray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { checkInputs } from '../check-inputs.js';
import { ProgramFailedError, RuntimeStoppedError, TensorNotResidentError } from '../errors.js';
import type { Program } from '../program.js';
import { ResidentTensors } from '../resident-tensors.js';
import type { Resident, Runtime, RuntimeInfo } from '../runtime.js';

/** Runs programs operation by operation on a tfjs backend. */
export class EagerRuntime implements Runtime {
  readonly info: RuntimeInfo;
  readonly #backend: string;
  readonly #tensors = new ResidentTensors<tf.Tensor>();
  #closed = false;

  /** @param backend name of an initialized tfjs backend: `cpu`, `wasm` or `tensorflow` */
  constructor(info: RuntimeInfo, backend: string) {
    this.info = info;
    this.#backend = backend;
  }

  get residentBytes(): number {
    return this.#tensors.bytes;
  }

  async upload(array: NDArray<'float32' | 'int32'>): Promise<Resident> {
    this.#activate();
    return this.#register(tf.tensor(array.data, [...array.shape], array.dtype));
  }

  async download(tensor: Resident): Promise<NDArray> {
    this.#activate();
    const value = this.#tensors.get(tensor);
    if (!value) throw new TensorNotResidentError(this.info.runtime, tensor.shape);
    const data = await value.data();
    const { shape } = tensor;
    if (value.dtype === 'float32') return { dtype: 'float32', shape, data: Float32Array.from(data) };
    if (value.dtype === 'bool') return { dtype: 'uint8', shape, data: Uint8Array.from(data) };
    return { dtype: 'int32', shape, data: Int32Array.from(data) };
  }

  async run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>> {
    this.#activate();
    checkInputs(program, inputs, (tensor) => this.#tensors.has(tensor));
    try {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, tensor]) => [name, this.#tensors.get(tensor)!]),
      );
      // Clones, because a program may return an input or the same tensor twice.
      const results = tf.tidy(() =>
        Object.fromEntries(
          Object.entries(program.build(tensors)).map(([name, value]) => [name, value.clone()]),
        ),
      );
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, this.#register(value)]),
      );
    } catch (cause) {
      throw new ProgramFailedError(program.name, this.info.runtime, (cause as Error).message, { cause });
    }
  }

  async compute(
    program: Program,
    inputs: Readonly<Record<string, Resident>>,
  ): Promise<Record<string, NDArray>> {
    const results = await this.run(program, inputs);
    const arrays: Record<string, NDArray> = {};
    for (const [name, tensor] of Object.entries(results)) arrays[name] = await this.download(tensor);
    this.release(Object.values(results));
    return arrays;
  }

  async reclaim(tensor: Resident): Promise<undefined> {
    this.#activate();
    this.release([tensor]);
  }

  release(tensors: Iterable<Resident>): void {
    for (const tensor of tensors) {
      this.#tensors.get(tensor)?.dispose();
      this.#tensors.delete(tensor);
    }
  }

  async trim(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }

  /** Makes the backend current. At once, since it is initialized: nothing can change it before it is used. */
  #activate(): void {
    if (this.#closed) throw new RuntimeStoppedError(this.info.runtime, 'it was closed.');
    if (tf.getBackend() !== this.#backend) void tf.setBackend(this.#backend);
  }

  #register(value: tf.Tensor): Resident {
    return this.#tensors.add(value.shape, value.dtype === 'bool' ? 1 : 4, tf.keep(value));
  }
}
