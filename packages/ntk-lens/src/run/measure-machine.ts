import type { LongTaskOptions } from '@ntk-lens/core';
import type { MachineProfile } from '@ntk-lens/engine';

export interface MeasureMachineOptions extends LongTaskOptions {
  readonly runtime?: string;
  readonly threads?: number | undefined;
  /** Default: a file in the user's cache, where later runs on this machine find it. */
  readonly file?: string | undefined;
}

/** A profile, and the file that has it. */
export interface MeasuredMachine extends MachineProfile {
  readonly file: string;
}

/**
 * Measures the machine, and writes the profile by which kernels are planned on it.
 *
 * @throws BadArgumentError, RuntimeUnavailableError; FileSystemError; CancelledError
 */
export const measureMachine = async ({
  file,
  signal,
  onProgress,
  ...choice
}: MeasureMachineOptions): Promise<MeasuredMachine> => {
  const { checkWritable } = await import('@ntk-lens/core');
  const { dirname, resolve } = await import('node:path');
  if (file !== undefined) await checkWritable(dirname(resolve(file)));
  const { shareRuntime, writeMachineProfile } = await import('@ntk-lens/lens');
  const { measureMachineProfile } = await import('@ntk-lens/engine');
  return shareRuntime(choice).use(async (runtime) => {
    const detail = runtime.info.runtime;
    onProgress?.({ phase: 'rates', done: 0, total: 1, unit: 'runtime', detail });
    const profile = await measureMachineProfile(runtime, { signal });
    onProgress?.({ phase: 'rates', done: 1, total: 1, unit: 'runtime', detail });
    return { ...profile, file: await writeMachineProfile(profile, file) };
  });
};
