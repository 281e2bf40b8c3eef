import type { NDArray } from '@ntk-lens/core';
import type { Program } from './program.js';

/** Where programs can run. `ort-*` run traced programs on ONNX Runtime, `tfjs-*` run them eagerly. */
export const runtimeNames = [
  'ort-cpu',
  'ort-webgpu',
  'ort-cuda',
  'tfjs-node-gpu',
  'tfjs-node',
  'tfjs-wasm',
  'tfjs-cpu',
] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** What made a number: every result carries this. */
export interface RuntimeInfo {
  readonly runtime: RuntimeName;
  /** Versions of the libraries that compute, e.g. `onnxruntime-node 1.30.0`. */
  readonly version: string;
  readonly dtype: 'float32';
  readonly threads: number;
  /** Why this runtime was chosen. */
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
   */
  upload(array: NDArray<'float32' | 'int32'>): Promise<Resident>;
  /** Copies a resident tensor out; int32, uint8 and float32 keep their types. */
  download(tensor: Resident): Promise<NDArray>;
  /**
   * Runs a program. Inputs are resident tensors; outputs stay resident.
   *
   * @throws BadProgramInputError when an input is missing or has another shape
   */
  run(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, Resident>>;
  /** Runs a program and copies its outputs out; for small results. */
  compute(program: Program, inputs: Readonly<Record<string, Resident>>): Promise<Record<string, NDArray>>;
  release(tensors: Iterable<Resident>): void;
  /** Bytes of the tensors that are resident now. */
  readonly residentBytes: number;
  close(): Promise<void>;
}
