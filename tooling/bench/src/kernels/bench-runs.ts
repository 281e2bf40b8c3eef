import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeNpy } from '@ntk-lens/core';

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
  readonly python: string;
  readonly model: string;
  /** Scratch folder. */
  readonly folder: string;
  readonly threads: string;
  /** Budget of our runs, GiB. */
  readonly memory: string;
  /** Number of repetitions of a comparison with a peer. */
  readonly turns: number;
}

/** Options of one of our runs. */
export interface OurOptions {
  readonly binary?: boolean;
  readonly turn?: number;
  readonly streamed?: 'yes' | 'no';
  /** Hash the model first. */
  readonly hash?: boolean;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts measurements, each in a process of its own, one after the other; equal ones of one turn once. */
export class BenchRuns {
  readonly #known = new Map<string, unknown>();
  #count = 0;
  constructor(readonly options: RunnerOptions) {}

  ours(
    inputs: string,
    formula: Formula,
    n: number,
    m: number,
    { binary = false, turn = 0, streamed, hash = false }: OurOptions = {},
  ): Promise<OurRun> {
    const { model, threads, memory } = this.options;
    const argv = ['--model', model, '--inputs', inputs, '--formula', formula, '--n', `${n}`, '--m', `${m}`];
    const more = ['--threads', threads, '--memory', memory, ...(binary ? ['--binary'] : [])];
    if (streamed) more.push('--streamed', streamed);
    if (hash) more.push('--hash');
    const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx', here('../kernel-run.ts')];
    return this.#run(process.execPath, flags, [...argv, ...more], turn);
  }

  peer(
    script: string,
    inputs: string,
    formula: Formula,
    n: number,
    m: number,
    { turn = 0, more = [] as readonly string[] } = {},
  ): Promise<PeerRun> {
    const { model, threads, python } = this.options;
    const argv = ['--model', model, '--inputs', inputs, '--formula', formula, '--n', `${n}`, '--m', `${m}`];
    const file = here(`../../../reference/${script}`);
    return this.#run(python, [file], [...argv, '--threads', threads, ...more], turn);
  }

  async #run<T>(
    program: string,
    flags: readonly string[],
    argv: readonly string[],
    turn: number,
  ): Promise<T> {
    const key = JSON.stringify([program, flags, argv, turn]);
    const known = this.#known.get(key);
    if (known !== undefined) return known as T;
    const saved = join(this.options.folder, `kernel-${this.#count++}.npy`);
    const line = await lastLine(program, [...flags, ...argv, '--save', saved]);
    const result = { ...(JSON.parse(line) as object), saved } as T;
    this.#known.set(key, result);
    return result;
  }
}

/** Runs a program; errors go to the terminal as they come. */
export const lastLine = (program: string, argv: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out.trim().split('\n').at(-1)!);
      else reject(new Error(`${program} ${argv.join(' ')} ended with ${code ?? signal}`));
    });
  });

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
