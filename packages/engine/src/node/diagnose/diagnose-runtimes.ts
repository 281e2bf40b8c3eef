import { availableParallelism } from 'node:os';
import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import { RuntimeUnavailableError } from '../../errors.js';
import { gemmRate, ternaryGramRate } from '../../profile/product-rates.js';
import type { Runtime, RuntimeInfo } from '../../runtime.js';
import { type RuntimeName, runtimeNames } from '../../runtime-names.js';
import { createRuntime } from '../create-runtime.js';
import { whyNoGraphics } from '../open/hardware.js';

export interface DiagnoseOptions extends LongTaskOptions {
  /** Threads of CPU runtimes; default: the cores that this process may use. */
  readonly threads?: number;
  /** Only these runtimes; default: all. */
  readonly runtimes?: readonly RuntimeName[];
  /** Whether to measure rates (default), which takes a few seconds for the slow runtimes. */
  readonly measure?: boolean;
}

/** A runtime that computes here. */
export interface UsableRuntime {
  readonly runtime: RuntimeName;
  readonly usable: true;
  readonly version: string;
  readonly threads: number;
  /** float32 matrix products of 768 × 768, GFLOP/s. */
  readonly gemmGflops?: number;
  /** Gram matrices of signs, in 10⁹ operations per second counted alike; `ort-*` compute them in integers. */
  readonly ternaryGramGops?: number;
}

/** A runtime that does not. */
export interface UnusableRuntime {
  readonly runtime: RuntimeName;
  readonly usable: false;
  readonly why: string;
  /** A way to get it. */
  readonly remedy: string;
}

export interface RuntimeDiagnosis {
  /** The runtime that `auto` chooses here, with the reason. */
  readonly auto: RuntimeInfo;
  readonly runtimes: readonly (UsableRuntime | UnusableRuntime)[];
}

/**
 * Tries every runtime on this machine: does it work, why not and how to get it, and how fast it multiplies.
 *
 * @example
 * ```ts
 * const { auto, runtimes } = await diagnoseRuntimes({ threads: 2 });
 * for (const r of runtimes) console.log(r.runtime, r.usable ? `${r.gemmGflops} GFLOP/s` : `${r.why} ${r.remedy}`);
 * ```
 * @returns plain data, one entry per runtime in the order of `runtimeNames`
 * @throws CancelledError when the signal fires
 */
export const diagnoseRuntimes = async (options: DiagnoseOptions = {}): Promise<RuntimeDiagnosis> => {
  const { threads = availableParallelism(), runtimes: names = runtimeNames, onProgress, signal } = options;
  const what = 'Diagnosing runtimes';
  throwIfCancelled(signal, what);
  const chosen = await createRuntime({ runtime: 'auto', threads });
  const auto = chosen.info;
  await chosen.close();
  const runtimes: (UsableRuntime | UnusableRuntime)[] = [];
  for (const [done, name] of names.entries()) {
    throwIfCancelled(signal, what);
    onProgress?.({ phase: 'runtimes', done, total: names.length, unit: 'runtime', detail: name });
    runtimes.push(await diagnose(name, threads, options));
  }
  onProgress?.({ phase: 'runtimes', done: names.length, total: names.length, unit: 'runtime' });
  return { auto, runtimes };
};

const diagnose = async (
  name: RuntimeName,
  threads: number,
  { signal, measure = true }: DiagnoseOptions,
): Promise<UsableRuntime | UnusableRuntime> => {
  let runtime: Runtime;
  try {
    runtime = await openIfPossible(name, threads);
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    return { runtime: name, usable: false, why: error.why, remedy: error.remedy };
  }
  try {
    const { version, threads: used } = runtime.info;
    if (!measure) return { runtime: name, usable: true, version, threads: used };
    const gemmGflops = await gemmRate(runtime, { signal });
    const usable = { runtime: name, usable: true, version, threads: used, gemmGflops } as const;
    if (!name.startsWith('ort-')) return usable;
    return { ...usable, ternaryGramGops: await ternaryGramRate(runtime, { signal }) };
  } finally {
    await runtime.close();
  }
};

/** Spares the drivers' own error messages where it is known that there is no device. */
const openIfPossible = (name: RuntimeName, threads: number): Promise<Runtime> => {
  const nothing = name === 'ort-webgpu' ? whyNoGraphics() : undefined;
  if (!nothing) return createRuntime({ runtime: name, threads });
  throw new RuntimeUnavailableError(
    name,
    `${nothing}.`,
    'It needs a graphics processor with a Vulkan, Metal or Direct3D 12 driver; in a container, pass the device on.',
  );
};
