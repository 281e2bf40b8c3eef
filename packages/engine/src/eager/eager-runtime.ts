import type { NDArray } from '@ntk-lens/core';
import * as tf from '@tensorflow/tfjs';
import { checkInputs } from '../check-inputs.js';
import { ProgramFailedError } from '../errors.js';
import type { Program } from '../program.js';
import type { Resident, Runtime, RuntimeInfo } from '../runtime.js';

/** Runs programs operation by operation on a tfjs backend. */
export class EagerRuntime implements Runtime {
  readonly info: RuntimeInfo;
  readonly #backend: string;
  readonly #tensors = new Map<number, tf.Tensor>();
  #nextTensor = 0;

  /** @param backend name of a registered tfjs backend: `cpu`, `wasm` or `tensorflow` */
  constructor(info: RuntimeInfo, backend: string) {
    this.info = info;
    this.#backend = backend;
  }

  get residentBytes(): number {
    let bytes = 0;
    for (const tensor of this.#tensors.values()) bytes += tensor.size * 4;
    return bytes;
  }

  async upload(array: NDArray<'float32' | 'int32'>): Promise<Resident> {
    await this.#activate();
    return this.#register(tf.tensor(array.data, [...array.shape], array.dtype));
  }

  async download(tensor: Resident): Promise<NDArray> {
    await this.#activate();
    const value = this.#get(tensor);
    const data = await value.data();
    if (value.dtype === 'float32')
      return { dtype: 'float32', shape: tensor.shape, data: data as Float32Array };
    return { dtype: 'int32', shape: tensor.shape, data: Int32Array.from(data) };
  }

  async run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>> {
    checkInputs(program, inputs);
    await this.#activate();
    try {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, tensor]) => [name, this.#get(tensor)]),
      );
      // Clones, because a program may return an input or the same tensor twice.
      const outputs = tf.tidy(() =>
        Object.fromEntries(
          Object.entries(program.build(tensors)).map(([name, value]) => [name, value.clone()]),
        ),
      );
      return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, this.#register(value)]),
      );
    } catch (cause) {
      throw new ProgramFailedError(program.name, this.info.runtime, (cause as Error).message, { cause });
    }
  }

  async compute(
    program: Program,
    inputs: Readonly<Record<string, Resident>>,
  ): Promise<Record<string, NDArray>> {
    const outputs = await this.run(program, inputs);
    const arrays: Record<string, NDArray> = {};
    for (const [name, tensor] of Object.entries(outputs)) arrays[name] = await this.download(tensor);
    this.release(Object.values(outputs));
    return arrays;
  }

  release(tensors: Iterable<Resident>): void {
    for (const { id } of tensors) {
      this.#tensors.get(id)?.dispose();
      this.#tensors.delete(id);
    }
  }

  async close(): Promise<void> {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }

  async #activate(): Promise<void> {
    if (tf.getBackend() !== this.#backend) await tf.setBackend(this.#backend);
  }

  #get(tensor: Resident): tf.Tensor {
    const value = this.#tensors.get(tensor.id);
    if (!value) throw new Error(`Tensor ${tensor.id} was released.`);
    return value;
  }

  #register(value: tf.Tensor): Resident {
    const id = this.#nextTensor++;
    this.#tensors.set(id, tf.keep(value));
    return { id, shape: value.shape, bytes: value.size * 4 };
  }
}
