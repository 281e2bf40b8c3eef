import { type NDArray, sizeOf } from '@ntk-lens/core';
import { checkInputs, programKey } from '../check-inputs.js';
import { ProgramFailedError } from '../errors.js';
import { lower } from '../onnx/lower.js';
import { encodeModel } from '../onnx/model-proto.js';
import type { Program } from '../program.js';
import type { Resident, Runtime, RuntimeInfo } from '../runtime.js';
import { trace } from '../trace/trace.js';
import { WorkerClient } from './worker-client.js';

interface Compiled {
  readonly key: string;
  readonly ready: Promise<void>;
  /** Shapes and bytes per element of the outputs, known from the trace. */
  readonly outputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly itemSize: number }>;
}

/** Runs traced programs on ONNX Runtime, in a worker thread. Programs are compiled once per shape. */
export class OrtRuntime implements Runtime {
  readonly info: RuntimeInfo;
  readonly #client: WorkerClient;
  readonly #compiled = new Map<string, Compiled>();
  readonly #live = new Map<number, number>();
  #nextTensor = 0;
  #residentBytes = 0;

  constructor(info: RuntimeInfo, executionProvider: string) {
    this.info = info;
    this.#client = new WorkerClient({ executionProvider, threads: info.threads });
  }

  get residentBytes(): number {
    return this.#residentBytes;
  }

  async upload(array: NDArray<'float32' | 'int32'>): Promise<Resident> {
    const tensor = this.#register(array.shape, array.data.BYTES_PER_ELEMENT);
    const whole = array.data.byteLength === array.data.buffer.byteLength ? array.data : array.data.slice();
    await this.#client.call(
      'upload',
      [tensor.id, array.dtype, array.shape, whole],
      [whole.buffer as ArrayBuffer],
    );
    return tensor;
  }

  async download(tensor: Resident): Promise<NDArray> {
    return this.#client.call<NDArray>('download', [tensor.id]);
  }

  async run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>> {
    const compiled = this.#compile(program);
    const outputs: Record<string, Resident> = {};
    for (const [name, { shape, itemSize }] of compiled.outputs)
      outputs[name] = this.#register(shape, itemSize);
    await this.#call(program, compiled, 'run', [idsOf(inputs), idsOf(outputs)], inputs);
    return outputs;
  }

  async compute(
    program: Program,
    inputs: Readonly<Record<string, Resident>>,
  ): Promise<Record<string, NDArray>> {
    const compiled = this.#compile(program);
    return this.#call<Record<string, NDArray>>(program, compiled, 'compute', [idsOf(inputs)], inputs);
  }

  release(tensors: Iterable<Resident>): void {
    const ids: number[] = [];
    for (const { id } of tensors) {
      const bytes = this.#live.get(id);
      if (bytes === undefined) continue;
      this.#live.delete(id);
      this.#residentBytes -= bytes;
      ids.push(id);
    }
    if (ids.length > 0) this.#client.release(ids);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #call<T>(
    program: Program,
    compiled: Compiled,
    method: 'run' | 'compute',
    args: readonly unknown[],
    inputs: Readonly<Record<string, Resident>>,
  ): Promise<T> {
    checkInputs(program, inputs);
    try {
      await compiled.ready;
      return await this.#client.call<T>(method, [compiled.key, ...args]);
    } catch (cause) {
      throw new ProgramFailedError(program.name, this.info.runtime, (cause as Error).message, { cause });
    }
  }

  #compile(program: Program): Compiled {
    const key = programKey(program);
    const known = this.#compiled.get(key);
    if (known) return known;
    const graph = trace(program);
    const model = encodeModel(lower(graph, program.name));
    const bytes = model.byteLength === model.buffer.byteLength ? model : model.slice();
    const outputs = new Map(
      [...graph.outputs].map(([name, id]) => {
        const { shape, dtype } = graph.node(id);
        return [name, { shape, dtype, itemSize: dtype === 'bool' || dtype === 'uint8' ? 1 : 4 }];
      }),
    );
    const ready = this.#client.call<void>(
      'compile',
      [key, bytes, Object.fromEntries(outputs)],
      [bytes.buffer as ArrayBuffer],
    );
    // A failure is reported by the run that awaits it; this only keeps it from being unhandled meanwhile.
    ready.catch(() => {});
    const compiled = { key, ready, outputs };
    this.#compiled.set(key, compiled);
    return compiled;
  }

  #register(shape: readonly number[], itemSize: number): Resident {
    const tensor = { id: this.#nextTensor++, shape, bytes: sizeOf(shape) * itemSize };
    this.#live.set(tensor.id, tensor.bytes);
    this.#residentBytes += tensor.bytes;
    return tensor;
  }
}

const idsOf = (tensors: Readonly<Record<string, Resident>>): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.id]));
