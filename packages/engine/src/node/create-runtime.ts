import { availableParallelism } from 'node:os';
import { BadArgumentError } from '@ntk-lens/core';
import { RuntimeUnavailableError } from '../errors.js';
import type { AnyRuntimeName, Runtime } from '../runtime.js';
import { type RuntimeName, runtimeNames } from '../runtime-names.js';
import type { RuntimeOptions } from '../runtime-options.js';

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
  if (wanted !== 'auto' && !isRuntimeName(wanted)) {
    throw new RuntimeUnavailableError(
      wanted,
      wanted === 'ort-web' ? 'only browsers have it.' : 'there is no such runtime.',
      `Known: auto, ${runtimeNames.join(', ')}.`,
    );
  }
  const { openers } = await import('./open/openers.js');
  const rest = { threads, compiledPrograms };
  if (wanted !== 'auto') return openers[wanted]({ ...rest, reason: 'asked for' });
  const [{ chooseRuntime }, { whyNoGraphics }, { gemmRate }] = await Promise.all([
    import('./choose-runtime.js'),
    import('./open/hardware.js'),
    import('../profile/product-rates.js'),
  ]);
  return chooseRuntime({
    open: (name, reason) => openers[name]({ ...rest, reason }),
    whyNoGraphics,
    rate: (runtime) => gemmRate(runtime, { size: 512 }),
  });
};

const isRuntimeName = (name: AnyRuntimeName): name is RuntimeName =>
  (runtimeNames as readonly string[]).includes(name);
