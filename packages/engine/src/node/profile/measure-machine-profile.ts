import type { LongTaskOptions } from '@ntk-lens/core';
import type { MachineProfile } from '../../profile/machine-profile.js';
import { measureRates } from '../../profile/measure-rates.js';
import type { Runtime } from '../../runtime.js';
import { processorAtHand } from './machine-at-hand.js';

/**
 * Measures the machine at hand, on a runtime that is open. It takes less than 20 seconds on `ort-cpu`.
 *
 * @example
 * ```ts
 * const { rates } = await measureMachineProfile(await createRuntime({ runtime: 'ort-cpu' }));
 * rates.products / 1e9; // GFLOP/s
 * ```
 * @throws CancelledError
 */
export const measureMachineProfile = async (
  runtime: Runtime,
  { signal }: LongTaskOptions = {},
): Promise<MachineProfile> => {
  const { runtime: name, version, threads } = runtime.info;
  return {
    source: 'measured',
    machine: { ...processorAtHand(threads), runtime: name, version },
    rates: await measureRates(runtime, signal),
  };
};
