import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeNpy } from '@ntk-lens/core';
import type { RuntimeName } from '@ntk-lens/engine';
import { runApart } from '../measure/processes.js';
import { runPeer } from '../peers/python.js';
import { type ProductRates, productRates } from './product-rates.js';
import type { Shares } from './shares.js';

export type Formula = 'sgd' | 'signgd' | 'a-signgd';

/** The JSON line of kernel-run.ts. */
export interface OurRun {
  readonly seconds: number;
  /** Processor time of the kernel, loading included. */
  readonly kernel_cpu_seconds: number;
  readonly hash_seconds?: number;
  readonly peak_rss_mb: number;
  readonly planned_mb: number;
  readonly tiles: number;
  /** Weights in memory at once, all that are used, and what is read of the files. */
  readonly weights_mb: number;
  readonly all_weights_mb: number;
  readonly read_mb: number;
  /** Number of tokens of all examples. */
  readonly tokens: number;
  readonly tflop: number;
  readonly gemm_gflops: number;
  /** Counted FLOPs ÷ time ÷ GEMM rate. */
  readonly rate: number;
  /** TFLOP of the forward pass that the factors compute again, and `rate` without them. */
  readonly again_tflop: number;
  readonly once_rate: number;
  /** GFLOP/s of forward passes and factor programs together, padding and what is computed again included. */
  readonly passes_gflops: number;
  readonly threads: number;
  readonly shares: Shares;
  readonly phases: Readonly<Record<string, number>>;
  readonly saved: string;
}

/** The JSON line of a Python peer. */
export interface PeerRun {
  readonly name: string;
  readonly seconds: number;
  readonly peak_rss_mb: number;
  readonly torch: string;
  readonly saved: string;
}

export interface RunnerOptions {
  /** Needed where peers run. */
  readonly python?: string;
  readonly model: string;
  /** Scratch folder. */
  readonly folder: string;
  readonly threads: number;
  readonly runtime?: RuntimeName;
  /** Budget of our runs, GiB. */
  readonly memory: number;
  /** Number of repetitions of a comparison with a peer. */
  readonly turns: number;
}

/** Options of one of our runs. */
export interface OurOptions {
  readonly binary?: boolean;
  /** Globs. */
  readonly parameters?: readonly string[];
  readonly turn?: number;
  readonly streamed?: 'yes' | 'no';
  /** Hash the model first. */
  readonly hash?: boolean;
}

/** Starts measurements, each in a process of its own, one after the other; equal ones of one turn once. */
export class BenchRuns {
  readonly #known = new Map<string, unknown>();
  #products: Promise<ProductRates> | undefined;
  #count = 0;
  constructor(readonly options: RunnerOptions) {}

  ours(
    inputs: string,
    formula: Formula,
    n: number,
    m: number,
    { binary = false, parameters, turn = 0, streamed, hash = false }: OurOptions = {},
  ): Promise<OurRun> {
    const { model, threads, memory, runtime } = this.options;
    const request = { model, inputs, formula, n, m, binary, parameters };
    const given = { ...request, threads, memory, runtime, streamed, hash };
    return this.#once(['ours', given, turn], (save) => runApart<OurRun>('kernel-run', { ...given, save }));
  }

  peer(
    script: string,
    inputs: string,
    formula: Formula,
    n: number,
    m: number,
    { turn = 0, more = {} as Readonly<Record<string, unknown>> } = {},
  ): Promise<PeerRun> {
    const { model, threads, python = 'python3' } = this.options;
    const given = { model, inputs, formula, n, m, threads, ...more };
    return this.#once([script, given, turn], (save) => runPeer<PeerRun>(python, script, { ...given, save }));
  }

  /** Rates of a plain product, ours and PyTorch's; measured once. */
  products(): Promise<ProductRates> {
    this.#products ??= productRates({ python: 'python3', runtime: 'ort-cpu', ...this.options });
    return this.#products;
  }

  async #once<T extends object>(what: unknown, run: (save: string) => Promise<T>): Promise<T> {
    const key = JSON.stringify(what);
    const known = this.#known.get(key);
    if (known !== undefined) return known as T;
    const saved = join(this.options.folder, `kernel-${this.#count++}.npy`);
    const result = { ...(await run(saved)), saved };
    this.#known.set(key, result);
    return result;
  }
}

/** ‖a − b‖ / ‖b‖ of two stored kernels. */
export const relativeError = (a: string, b: string): number => {
  const [left, right] = [decodeNpy(readFileSync(a)), decodeNpy(readFileSync(b))];
  if (left.shape.join() !== right.shape.join()) {
    throw new Error(`kernels of different shapes: [${left.shape}] and [${right.shape}]`);
  }
  let [difference, size] = [0, 0];
  for (let i = 0; i < right.data.length; i++) {
    difference += (left.data[i]! - right.data[i]!) ** 2;
    size += right.data[i]! ** 2;
  }
  return Math.sqrt(difference / size);
};
