import { availableParallelism } from 'node:os';
import { RuntimeUnavailableError } from './errors.js';
import { type Runtime, type RuntimeName, runtimeNames } from './runtime.js';

export interface RuntimeOptions {
  /** A runtime's name, or `auto` (default): the fastest that works here. */
  readonly runtime?: RuntimeName | 'auto';
  /** Threads for CPU runtimes; default: the cores this process may use. */
  readonly threads?: number;
}

/**
 * Opens a runtime. Native libraries are loaded here, not when the package is imported.
 *
 * @example
 * ```ts
 * const runtime = await createRuntime({ runtime: 'auto', threads: 2 });
 * console.log(runtime.info.runtime, runtime.info.reason);
 * await runtime.close();
 * ```
 * @throws RuntimeUnavailableError if the runtime is unknown or cannot be used on this machine
 */
export const createRuntime = async (options: RuntimeOptions = {}): Promise<Runtime> => {
  const { runtime: wanted = 'auto' } = options;
  const threads = options.threads ?? availableParallelism();
  const name = wanted === 'auto' ? 'ort-cpu' : wanted;
  const reason = wanted === 'auto' ? 'fastest runtime that works on every machine' : 'asked for';
  if (!runtimeNames.includes(name)) {
    throw new RuntimeUnavailableError(
      name,
      'there is no such runtime.',
      `Known: auto, ${runtimeNames.join(', ')}.`,
    );
  }
  const { openers } = await import('./openers.js');
  return openers[name]({ threads, reason });
};
