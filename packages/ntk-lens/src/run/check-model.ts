import { isError, type LongTaskOptions } from '@ntk-lens/core';
import { createRuntime, type Runtime, RuntimeUnavailableError } from '@ntk-lens/engine';
import { type SelfCheck, selfCheckModel } from '@ntk-lens/kernels';
import { knownRuntime } from './known-runtime.js';
import { modelDirectory } from './model/model-directory.js';

export interface CheckModelOptions extends LongTaskOptions {
  readonly revision?: string;
  /** Default: `auto`. */
  readonly runtime?: string;
  /** Second runtime; `none` for no second. Default: `ort-cpu`, or `tfjs-wasm` where that is the first. */
  readonly against?: string;
  readonly threads?: number;
  readonly seed?: number;
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
 * @throws UnknownModelError, RuntimeUnavailableError for a runtime that was asked for, and what the model's files cause
 */
export const checkModel = async (wanted: string, options: CheckModelOptions = {}): Promise<CheckedModel> => {
  const { against, seed, signal, onProgress } = options;
  const name = await knownRuntime(options.runtime ?? 'auto');
  const second = against === undefined || against === 'none' ? against : await knownRuntime(against);
  const { loadModel } = await import('@ntk-lens/models');
  const found = await modelDirectory(wanted, options);
  const model = await loadModel(found.directory);
  const threads = options.threads !== undefined && { threads: options.threads };
  const opened: Runtime[] = [];
  const open = async (runtime: Awaited<ReturnType<typeof knownRuntime>>): Promise<Runtime> => {
    const made = await createRuntime({ runtime, ...threads });
    opened.push(made);
    return made;
  };
  try {
    const runtime = await open(name);
    const guess = runtime.info.runtime === 'ort-cpu' ? 'tfjs-wasm' : 'ort-cpu';
    const otherRuntime =
      second === 'none'
        ? undefined
        : await open(second ?? guess).catch((error: unknown) => {
            // One that nobody asked for may be missing: its checks are then listed as skipped.
            if (second === undefined && isError(error, RuntimeUnavailableError)) return undefined;
            throw error;
          });
    const check = await selfCheckModel({
      model,
      runtime,
      ...(otherRuntime && { otherRuntime }),
      ...(seed !== undefined && { seed }),
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return { model: found.name, ...check };
  } finally {
    for (const runtime of opened) await runtime.close();
    await model.close();
  }
};
