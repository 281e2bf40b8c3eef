import { availableParallelism } from 'node:os';
import { BadArgumentError } from '@ntk-lens/core';
import { RuntimeUnavailableError } from './errors.js';
import { type Runtime, type RuntimeName, runtimeNames } from './runtime.js';

export interface RuntimeOptions {
  /**
   * A runtime's name, or `auto` (default): the first that works here of `ort-cuda`, `ort-webgpu` (only a real
   * graphics processor), `ort-cpu`, `tfjs-wasm`, `tfjs-cpu`. Name one to have the same numbers on every machine:
   * runtimes differ in the last digits of float32.
   */
  readonly runtime?: RuntimeName | 'auto';
  /**
   * Threads of CPU runtimes; default: the cores that this process may use. With the same number, results are
   * the same to the last bit.
   */
  readonly threads?: number;
  /**
   * How many compiled programs an `ort-*` runtime keeps; default 512. The least recently used one is dropped
   * and compiled again when it returns. Lower it when memory is short: a session keeps its scratch memory.
   */
  readonly compiledPrograms?: number;
}

/**
 * Opens a runtime. Native libraries are loaded here, not when the package is imported, and the runtime has
 * computed something before it is returned.
 *
 * @example
 * ```ts
 * const runtime = await createRuntime({ runtime: 'auto', threads: 2 });
 * console.log(runtime.info.runtime, runtime.info.reason);
 * await runtime.close();
 * ```
 * @returns a runtime whose `info.reason` says for people why it was chosen
 * @throws RuntimeUnavailableError if the runtime is unknown or cannot be used on this machine
 * @throws BadArgumentError if `threads` or `compiledPrograms` is not a positive integer
 */
export const createRuntime = async (options: RuntimeOptions = {}): Promise<Runtime> => {
  const { runtime: wanted = 'auto', threads = availableParallelism(), compiledPrograms } = options;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new BadArgumentError('threads', threads, 'a positive integer');
  }
  if (wanted !== 'auto' && !runtimeNames.includes(wanted)) {
    throw new RuntimeUnavailableError(
      wanted,
      'there is no such runtime.',
      `Known: auto, ${runtimeNames.join(', ')}.`,
    );
  }
  const { openers } = await import('./open/openers.js');
  const rest = { threads, compiledPrograms };
  if (wanted !== 'auto') return openers[wanted]({ ...rest, reason: 'asked for' });
  const [{ chooseRuntime }, { whyNoGraphics }, { gemmRate }] = await Promise.all([
    import('./auto/choose-runtime.js'),
    import('./open/hardware.js'),
    import('./auto/rates.js'),
  ]);
  return chooseRuntime({
    open: (name, reason) => openers[name]({ ...rest, reason }),
    whyNoGraphics,
    rate: (runtime) => gemmRate(runtime, { size: 512 }),
  });
};
