import { isError, type LongTaskOptions } from '@ntk-lens/core';
import { RuntimeUnavailableError } from '@ntk-lens/engine';
import { type SelfCheck, selfCheckModel } from '@ntk-lens/kernels';
import { openLens, shareRuntime } from '@ntk-lens/lens';

export interface CheckModelOptions extends LongTaskOptions {
  readonly revision?: string;
  /** Default: `auto`. */
  readonly runtime?: string;
  /** Second runtime; `none` for no second. Default: `ort-cpu`, or `tfjs-wasm` where that is the first. */
  readonly against?: string;
  readonly threads?: number;
  readonly seed?: number;
  /** In bytes; default: 4 GiB. */
  readonly memory?: number;
}

/** A self-check with the name of what was checked. */
export interface CheckedModel extends SelfCheck {
  readonly model: string;
}

/**
 * Checks a model's numbers on this machine against themselves (`selfCheckModel` of `@ntk-lens/kernels`).
 *
 * @example
 * ```ts
 * const { verdict, checks } = await checkModel('minilm-mlm');
 * ```
 * @param wanted as `--model` takes it
 * @throws UnknownModelError, RuntimeUnavailableError for a runtime that was asked for, SelfCheckMemoryError for a model
 *   that is too large for the budget, and what the model's files cause
 */
export const checkModel = async (
  model: string | undefined,
  { revision, runtime, against, threads, seed, memory, signal, onProgress }: CheckModelOptions = {},
): Promise<CheckedModel> => {
  const long = { signal, onProgress };
  // A second runtime that there is not is refused before a model is looked for.
  const named =
    against === undefined || against === 'none' ? undefined : shareRuntime({ runtime: against, threads });
  const lens = await openLens({ model, revision, runtime, threads, ...long });
  const first = await lens.runtime.open().catch(async (error: unknown) => {
    await lens.close();
    throw error;
  });
  const guess = first.info.runtime === 'ort-cpu' ? 'tfjs-wasm' : 'ort-cpu';
  const other = named ?? shareRuntime({ runtime: guess, threads });
  const release = other.lease();
  try {
    const otherRuntime =
      against === 'none'
        ? undefined
        : await other.open().catch((error: unknown) => {
            // One that nobody asked for may be missing: its checks are then listed as skipped.
            if (!named && isError(error, RuntimeUnavailableError)) return undefined;
            throw error;
          });
    const request = { model: lens.model, runtime: first, otherRuntime, seed, memory };
    const check = await selfCheckModel({ ...request, ...long });
    return { model: lens.name, ...check };
  } finally {
    await release();
    await lens.close();
  }
};
