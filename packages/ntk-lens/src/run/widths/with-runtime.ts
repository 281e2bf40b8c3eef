import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { knownRuntime } from '../known-runtime.js';

/** Opens a runtime for some work and closes it after. */
export const withRuntime = async <T>(
  { runtime = 'auto', threads }: { readonly runtime?: string; readonly threads?: number },
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> => {
  const opened = await createRuntime({
    runtime: await knownRuntime(runtime),
    ...(threads !== undefined && { threads }),
  });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
};
