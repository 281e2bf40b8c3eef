import { BadArgumentError, type NDArray } from '@ntk-lens/core';
import { checkInputs, programKey } from '../check-inputs.js';
import { ProgramFailedError, RuntimeStoppedError, TensorNotResidentError } from '../errors.js';
import type { CompiledResult, CompileTarget } from '../onnx/compile-program.js';
import { onnxInputName } from '../onnx/lower.js';
import { KEPT_WORKSPACE, type Program } from '../program.js';
import { ResidentTensors } from '../resident-tensors.js';
import type { AnyRuntimeName, Resident, Runtime, RuntimeInfo } from '../runtime.js';
import { compileOnce } from './compile-once.js';
import { PIECE_ELEMENTS, piecesOf } from './pieces.js';
import { ProgramCache } from './program-cache.js';
import type { SessionClient } from './session-client.js';

interface Compiled {
  readonly key: string;
  /** Rejects if ONNX Runtime refuses the model. */
  readonly ready: Promise<void>;
  readonly results: ReadonlyMap<string, CompiledResult>;
}

/** The memory of the process that a runtime is in. */
export interface ProcessMemory {
  /** Bytes that the process holds. */
  held(): number;
  /** Gives those that are free back to the system. */
  giveBack(): void;
}

/** Default number of compiled programs that a runtime keeps. */
const COMPILED_PROGRAMS = 512;

/** Runs traced programs on ONNX Runtime. Programs are compiled once per shape, on first use. */
export class OrtRuntime implements Runtime {
  readonly info: RuntimeInfo;
  readonly #client: SessionClient;
  readonly #compiled: ProgramCache<Compiled>;
  /** Those that keep their work memory, by its bytes. */
  readonly #keeping: ProgramCache<Compiled>;
  /** The least bytes that each counts as, so that they too are no more than `compiledPrograms`. */
  readonly #leastWorkspace: number;
  readonly #tensors = new ResidentTensors<undefined>();
  #closed = false;

  readonly #memory: ProcessMemory | undefined;

  constructor(
    info: RuntimeInfo,
    client: SessionClient,
    compiledPrograms = COMPILED_PROGRAMS,
    memory?: ProcessMemory,
  ) {
    if (!Number.isSafeInteger(compiledPrograms) || compiledPrograms < 1) {
      throw new BadArgumentError('compiledPrograms', compiledPrograms, 'a positive integer');
    }
    this.info = info;
    this.#client = client;
    this.#memory = memory;
    const forget = (key: string) => client.post('forget', [key]);
    this.#compiled = new ProgramCache(compiledPrograms, forget);
    this.#keeping = new ProgramCache(KEPT_WORKSPACE, forget);
    this.#leastWorkspace = KEPT_WORKSPACE / compiledPrograms;
  }

  get residentBytes(): number {
    return this.#tensors.bytes;
  }

  async upload(array: NDArray<'float32' | 'int32'>): Promise<Resident> {
    const { data, dtype, shape } = array;
    const tensor = this.#tensors.add(shape, data.BYTES_PER_ELEMENT, undefined);
    const whole = data.byteLength === data.buffer.byteLength ? data : data.slice();
    try {
      await this.#client.call(
        'upload',
        [tensor.id, dtype, shape, whole],
        whole.buffer instanceof ArrayBuffer ? [whole.buffer] : [],
      );
    } catch (error) {
      this.release([tensor]);
      throw error;
    }
    return tensor;
  }

  async download(tensor: Resident): Promise<NDArray> {
    this.#refuseIfClosed();
    if (!this.#tensors.has(tensor)) throw new TensorNotResidentError(this.info.runtime, tensor.shape);
    return this.#client.call<NDArray>('download', [tensor.id]);
  }

  async run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>> {
    // Only there are all tensors in the processor's memory, and pieces of them cost nothing to make.
    const pieces = this.info.runtime === 'ort-cpu' ? piecesOf(program) : undefined;
    const compiled = this.#prepare(program, inputs, pieces?.program);
    const results: Record<string, Resident> = {};
    const ids: Record<string, number> = {};
    for (const [name, { onnxName, shape, itemSize }] of compiled.results) {
      const tensor = this.#tensors.add(pieces?.shape ?? shape, itemSize, undefined);
      results[name] = tensor;
      ids[onnxName] = tensor.id;
    }
    try {
      if (pieces)
        await this.#call(program, compiled, 'runPieces', [idsOf(inputs), ids, pieces.shape, PIECE_ELEMENTS]);
      else await this.#call(program, compiled, 'run', [idsOf(inputs), ids]);
    } catch (error) {
      this.release(Object.values(results));
      throw error;
    }
    return results;
  }

  async compute(
    program: Program,
    inputs: Readonly<Record<string, Resident>>,
  ): Promise<Record<string, NDArray>> {
    const compiled = this.#prepare(program, inputs);
    const arrays = await this.#call<Record<string, NDArray>>(program, compiled, 'compute', [idsOf(inputs)]);
    return Object.fromEntries([...compiled.results].map(([name, { onnxName }]) => [name, arrays[onnxName]!]));
  }

  async reclaim(tensor: Resident): Promise<ArrayBuffer | undefined> {
    this.#refuseIfClosed();
    return this.#tensors.delete(tensor) ? this.#client.call('reclaim', [tensor.id]) : undefined;
  }

  release(tensors: Iterable<Resident>): void {
    const ids: number[] = [];
    for (const tensor of tensors) if (this.#tensors.delete(tensor)) ids.push(tensor.id);
    if (ids.length > 0) this.#client.post('release', [ids]);
  }

  async trim(most: number): Promise<void> {
    this.#refuseIfClosed();
    const memory = this.#memory;
    if (!memory || memory.held() <= most) return;
    // A call is answered when all that was asked for before it is done, what was released included.
    const isDone = () => this.#client.call<void>('release', [[]]);
    await isDone();
    memory.giveBack();
    if (memory.held() <= most) return;
    this.#compiled.dropUnused();
    this.#keeping.dropUnused();
    await isDone();
    memory.giveBack();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#tensors.clear();
    await this.#client.close();
  }

  async #call<T>(
    program: Program,
    compiled: Compiled,
    method: 'run' | 'runPieces' | 'compute',
    args: readonly unknown[],
  ): Promise<T> {
    try {
      // Asked for at once, not when `ready`: the program may be dropped from the cache meanwhile, which takes
      // its turn after this call. If the program cannot be compiled, `ready` is the first to say so.
      const result = this.#client.call<T>(method, [compiled.key, ...args]);
      await Promise.all([compiled.ready, result]);
      return await result;
    } catch (cause) {
      throw this.#failure(program, cause);
    }
  }

  /** @param part the program to compile, if it is not `program` as a whole */
  #prepare(program: Program, inputs: Readonly<Record<string, Resident>>, part: Program = program): Compiled {
    this.#refuseIfClosed();
    checkInputs(program, inputs, (tensor) => this.#tensors.has(tensor));
    const key = programKey(part);
    const workspace = part.keepWorkspace ?? 0;
    const cache = workspace > 0 ? this.#keeping : this.#compiled;
    const known = cache.get(key);
    if (known) return known;
    try {
      const { model, results } = compileOnce(part, targetOf(this.info.runtime));
      const hostResults = Object.fromEntries([...results.values()].map((o) => [o.onnxName, o]));
      const ready = this.#client.call<void>(
        'compile',
        [key, model, hostResults, workspace > 0],
        [model.buffer],
      );
      // A failure is reported by the run that awaits it; the next run of the program tries again.
      ready.catch(() => cache.delete(key));
      const compiled = { key, ready, results };
      cache.set(key, compiled, workspace > 0 ? Math.max(this.#leastWorkspace, workspace) : 1);
      return compiled;
    } catch (cause) {
      throw this.#failure(program, cause);
    }
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new RuntimeStoppedError(this.info.runtime, 'it was closed.');
  }

  #failure(program: Program, cause: unknown): ProgramFailedError {
    return new ProgramFailedError(program.name, this.info.runtime, (cause as Error).message, { cause });
  }
}

const targetOf = (runtime: AnyRuntimeName): CompileTarget => ({
  slicing: runtime === 'ort-cpu',
  // WebGPU's provider has no products of bytes, CUDA's none of unsigned ones: they would be left to the CPU.
  integers: runtime === 'ort-cpu' || runtime === 'ort-web',
});

const idsOf = (tensors: Readonly<Record<string, Resident>>): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [onnxInputName(name), tensor.id]));
