import type { NDArray } from '@ntk-lens/core';
import type { Program } from './program.js';
import type { RuntimeName } from './runtime-names.js';

/** Every runtime there is: those of Node, and `ort-web` of a browser. */
export type AnyRuntimeName = RuntimeName | 'ort-web';

/** The runtime that made a number: every result carries this. */
export interface RuntimeInfo {
  readonly runtime: AnyRuntimeName;
  /** Versions of the libraries that compute, e.g. `onnxruntime-node 1.30.0`. */
  readonly version: string;
  readonly dtype: 'float32';
  readonly threads: number;
  /**
   * The reason for this runtime: `asked for`, or the obstacle that kept `auto` from those that it tries
   * before.
   */
  readonly reason: string;
}

/** A tensor that lives in a runtime's memory. Release it when it is no longer needed. */
export interface Resident {
  readonly id: number;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** Runs programs. All tensors between runs stay in the runtime's memory until they are downloaded. */
export interface Runtime {
  readonly info: RuntimeInfo;
  /**
   * Moves an array into the runtime. **The array's buffer is handed over**, so that weights never exist
   * twice: do not use it afterwards.
   *
   * @throws RuntimeStoppedError when the runtime is closed or its thread died; so does every other method
   */
  upload(array: NDArray<'float32' | 'int32'>): Promise<Resident>;
  /**
   * Copies a resident tensor out; int32, uint8 and float32 keep their types.
   *
   * @throws TensorNotResidentError when the tensor was released
   */
  download(tensor: Resident): Promise<NDArray>;
  /**
   * Runs a program. Inputs are resident tensors; results stay resident.
   *
   * @throws BadProgramInputError when an input is missing, released, unknown or of another shape
   * @throws ProgramFailedError when the program cannot be traced, compiled or executed; it names the program
   */
  run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>>;
  /** Runs a program and copies its results out; for small results. */
  compute(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, NDArray>>;
  /**
   * Frees a tensor and gives back the buffer that was uploaded as it, for the next upload: pages that are in use cost
   * nothing to touch again.
   *
   * @returns nothing where the runtime did not keep the buffer, or the tensor was released already
   */
  reclaim(tensor: Resident): Promise<ArrayBuffer | undefined>;
  /** Frees tensors, after the runs that were asked for before. Those released already are ignored. */
  release(tensors: Iterable<Resident>): void;
  /**
   * Gives memory that is free back to the system, where the process holds more than `most` bytes. Where it still does then,
   * compiled programs that nobody has used since the last such call are forgotten, too. Tensors stay. Runtimes that do not
   * know what the process holds do nothing.
   */
  trim(most: number): Promise<void>;
  /** Bytes of the tensors that are resident now. */
  readonly residentBytes: number;
  /** Frees everything. Work in progress rejects with {@link RuntimeStoppedError} as its cause. */
  close(): Promise<void>;
}
