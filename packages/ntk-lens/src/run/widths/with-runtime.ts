import type { Runtime } from '@ntk-lens/engine';
import { type SharedRuntime, shareRuntime } from '@ntk-lens/lens';

/** Opens a runtime for some work, and for the sessions that share it, and closes it after. */
export const withRuntime = async <T>(
  { runtime, threads }: { readonly runtime?: string; readonly threads?: number },
  work: (runtime: Runtime, shared: SharedRuntime) => Promise<T>,
): Promise<T> => {
  const shared = shareRuntime({ runtime, threads });
  const release = shared.lease();
  try {
    return await work(await shared.open(), shared);
  } finally {
    await release();
  }
};
