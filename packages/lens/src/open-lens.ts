import {
  BadArgumentError,
  didYouMean,
  isError,
  type LongTaskOptions,
  parseBytes,
  throwIfCancelled,
} from '@ntk-lens/core';
import { createRuntime, type RuntimeOptions } from '@ntk-lens/engine';
import { tracedStages } from '@ntk-lens/kernels';
import { architectureOf, modelWithoutWeights, WeightsNotReadError } from '@ntk-lens/models';
import { LensClosedError } from './errors.js';
import { asSpace } from './kernel/kernel-choice.js';
import type { Lens, LensOptions } from './lens.js';
import { computeKernel } from './methods/compute-kernel.js';
import { explainKernel, explainOperators } from './methods/explain-kernel.js';
import { openParts, planParts } from './methods/kernel-parts.js';
import { checkKernel, kernelFits, storeKernel } from './methods/store-kernel.js';
import { suggestPrompt } from './methods/suggest-prompt.js';
import { computes, encodeTexts, examplesTask, openTask, promptTask } from './methods/task.js';
import { zeroShot } from './methods/zero-shot.js';
import { predict } from './predict/predict.js';
import type { OpenedModel, Platform, ReadModel } from './session/platform.js';
import type { Session } from './session/session.js';
import { SharedRuntime } from './session/shared-runtime.js';
import { solveKernel } from './solve/solve-kernel.js';

/** `openLens` for a platform. */
export const openLensOn = async (platform: Platform, options: LensOptions = {}): Promise<Lens> => {
  const { runtime = 'auto', threads, revision, verify, beforeWeights, profile, signal, onProgress } = options;
  // Everything that can be refused is, before a model is looked for.
  const memory = memoryOf(options.memory);
  const space = asSpace(options.space ?? 'full');
  const shared = typeof runtime === 'string' ? shareRuntimeOn(platform, { runtime, threads }) : runtime;
  const sessionOf = (opened: OpenedModel, runtime: SharedRuntime): Session => {
    const { maxTokens } = opened.model.config;
    const { objective } = architectureOf(opened.model.config);
    const own = { maxTokens, objective, space, memory, profile, shared: runtime, platform };
    return { ...opened, ...own, traced: tracedStages(), tilings: new Map() };
  };
  const early = async ({ config, ...read }: ReadModel): Promise<void> => {
    const session = sessionOf({ ...read, model: modelWithoutWeights(config) }, unopened(shared));
    await beforeWeights?.(lensOf(session)).catch((error: unknown) => {
      if (!isError(error, WeightsNotReadError)) throw error;
    });
  };
  const opened = await platform.openModel(options.model, {
    ...{ revision, verify, beforeWeights: early, signal, onProgress },
  });
  return lensOf(sessionOf(opened, shared));
};

/** A runtime on which nothing is computed, since there are no weights yet. */
const unopened = ({ name, threads }: SharedRuntime): SharedRuntime =>
  new SharedRuntime(name, threads, async () => {
    throw new WeightsNotReadError('A forward pass');
  });

/** The choice of a runtime, with the further options of `createRuntime` of `@ntk-lens/engine`. */
export type RuntimeChoice = Omit<RuntimeOptions, 'runtime'> & {
  /** Default: `auto`. */
  readonly runtime?: string;
};

/** A runtime for several sessions; it is opened when it is first needed. */
export const shareRuntimeOn = (
  { runtimes }: Platform,
  { runtime: name = 'auto', ...options }: RuntimeChoice = {},
): SharedRuntime => {
  const { threads } = options;
  const runtime = (['auto', ...runtimes] as const).find((known) => known === name);
  if (runtime === undefined)
    throw new BadArgumentError('runtime', name, `auto, ${runtimes.join(', ')}`, didYouMean(name, runtimes));
  if (threads !== undefined && !(Number.isSafeInteger(threads) && threads >= 1))
    throw new BadArgumentError('threads', threads, 'a positive integer');
  return new SharedRuntime(runtime, threads, () => createRuntime({ runtime, ...options }));
};

/** @throws BadArgumentError */
const memoryOf = (memory: LensOptions['memory']): number | undefined => {
  if (typeof memory === 'string') return parseBytes(memory);
  if (memory !== undefined && !(Number.isSafeInteger(memory) && memory >= 1))
    throw new BadArgumentError('memory', memory, 'bytes, or an amount such as 4GB');
  return memory;
};

const lensOf = (session: Session): Lens => {
  const { name, directory, model, tokenizer, objective, shared } = session;
  const release = shared.lease();
  let closing: Promise<void> | undefined;
  const open = (method: string): void => {
    if (closing) throw new LensClosedError(method);
  };
  /** Methods that compute wait in the queue. */
  const queued = <T>(method: string, { signal }: LongTaskOptions, work: () => Promise<T>): Promise<T> => {
    open(method);
    return shared.queue.run(`lens.${method}`, signal, async () => {
      open(method);
      return work();
    });
  };
  /** Methods that only read run at once. */
  const now = <T>(method: string, { signal }: LongTaskOptions, work: () => Promise<T>): Promise<T> => {
    open(method);
    throwIfCancelled(signal, `lens.${method}`);
    return work();
  };
  const close = async (): Promise<void> => {
    await shared.queue.drained();
    await release();
    await model.close();
  };
  const lens: Lens = {
    ...{ name, directory, model, tokenizer, objective, runtime: shared },
    task: async (task, options = {}) => {
      const work = () => openTask(session, task, options);
      return computes(options) ? queued('task', options, work) : now('task', options, work);
    },
    prompt: async (task, options = {}) => {
      const work = () => promptTask(session, task, options);
      return computes(options) ? queued('prompt', options, work) : now('prompt', options, work);
    },
    examples: async (options) => {
      const work = () => examplesTask(session, options);
      return computes(options) ? queued('examples', options, work) : now('examples', options, work);
    },
    suggestPrompt: async (examples, options = {}) =>
      queued('suggestPrompt', options, () => suggestPrompt(session, examples, options)),
    encode: async (task, texts, options = {}) => {
      const work = () => encodeTexts(session, task, texts, options);
      return computes(task.asked) ? queued('encode', options, work) : now('encode', options, work);
    },
    kernel: async (task, options = {}) =>
      queued('kernel', options, () => computeKernel(session, task, options)),
    checkKernel: async (task, options = {}) =>
      now('checkKernel', options, () => checkKernel(session, task, options)),
    kernelFits: async (task, options = {}) =>
      now('kernelFits', options, () => kernelFits(session, task, options)),
    storeKernel: async (task, options) =>
      queued('storeKernel', options, () => storeKernel(session, task, options)),
    explain: async (task, options = {}) =>
      queued('explain', options, () => explainKernel(session, task, options)),
    explainMatrixFree: async (task, options = {}) =>
      queued('explainMatrixFree', options, () => explainOperators(session, task, options)),
    planParts: async (task, options) => queued('planParts', options, () => planParts(session, task, options)),
    openParts: async (task, options) => {
      const parts = await queued('openParts', options, () => openParts(session, task, options));
      return {
        ...parts,
        compute: (part, long = {}) => queued('openParts', long, () => parts.compute(part, long)),
      };
    },
    zeroShot: async (task, options = {}) =>
      queued('zeroShot', options, () => zeroShot(session, task, options)),
    solve: async (kernel, options = {}) =>
      now('solve', options, () => solveKernel(kernel, { threads: shared.threads, ...options })),
    solveMatrixFree: async (task, choice = {}, options = {}) =>
      queued('solveMatrixFree', options, async () => {
        const { solveMatrixFree } = await import('./methods/matrix-free.js');
        return solveMatrixFree(session, task, choice, options);
      }),
    fineTune: async (task, options = {}) =>
      queued('fineTune', options, async () => {
        const { fineTuneTask } = await import('./fine-tune/fine-tune-task.js');
        return fineTuneTask(session, task, options);
      }),
    check: async (tasks, options = {}) =>
      queued('check', options, async () => {
        const { checkTasks } = await import('./check/check-tasks.js');
        return checkTasks(session, [tasks].flat(), options);
      }),
    predict: async (by, texts, options = {}) =>
      queued('predict', options, () => predict(session, by, texts, options)),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => lens.close(),
  };
  return lens;
};
