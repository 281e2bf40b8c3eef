import { isError, type LongTaskOptions } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import {
  computeKernels,
  matchParameters,
  OtherTilesError,
  openTileStore,
  removeTiles,
  type TileStore,
} from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';
import { knownRuntime } from '../known-runtime.js';
import type { ComputedKernels, KernelRequest } from './opened-model.js';

/** Computes kernels of one model; the runtime is opened with the first and kept. */
export class KernelRunner {
  #runtime: Runtime | undefined;
  constructor(readonly model: LanguageModel) {}

  async compute(request: KernelRequest, options: LongTaskOptions): Promise<ComputedKernels> {
    this.#runtime ??= await createRuntime({
      runtime: await knownRuntime(request.runtime),
      ...(request.threads !== undefined && { threads: request.threads }),
    });
    const { runtime, version, dtype, threads, reason } = this.#runtime.info;
    const { train, dev, test } = request.examples;
    const kernels = await computeKernels({
      model: this.model,
      runtime: this.#runtime,
      train,
      queries: { dev, test },
      labelWordIds: request.labelWordIds,
      formula: request.formula,
      binary: request.binary,
      ...(request.parameters !== undefined && { parameters: matchParameters(request.parameters) }),
      tied: request.tied,
      keepNoise: request.keepNoise,
      ...(request.memory !== undefined && { memory: request.memory }),
      store: await this.#openTiles(request, { runtime, version, dtype, threads }),
      ...(request.batch !== undefined && { batchSize: request.batch }),
      ...options,
    });
    const { dev: devKernels, test: testKernels } = kernels;
    if (!devKernels || !testKernels) throw new Error('computeKernels left a split out');
    return {
      splits: { train: kernels.train, dev: devKernels, test: testKernels },
      runtime: { runtime, version, dtype, threads, reason },
    };
  }

  /** What changes the parts' borders or their last bits is in the identity: a resumed run ends with the same bytes. */
  async #openTiles(
    { tiles: { directory, identity, replace }, memory, batch }: KernelRequest,
    runtime: Readonly<Record<string, unknown>>,
  ): Promise<TileStore> {
    const whole = { ...identity, memory, batch, ...runtime };
    try {
      return await openTileStore(directory, whole);
    } catch (error) {
      if (!replace || !isError(error, OtherTilesError)) throw error;
      await removeTiles(directory);
      return openTileStore(directory, whole);
    }
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
    this.#runtime = undefined;
  }
}
