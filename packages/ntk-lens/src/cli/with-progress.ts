import type { LongTaskOptions } from '@ntk-lens/core';
import type { GlobalFlags } from './command-module.js';
import { type CliContext, useColor } from './context.js';

/** Runs long work with the progress display that the flags ask for. */
export const withProgress = async <T>(
  context: CliContext,
  flags: GlobalFlags,
  work: (options: LongTaskOptions) => Promise<T>,
): Promise<T> => {
  const { createProgressRenderer } = await import('@ntk-lens/report');
  const progress = createProgressRenderer({
    stream: context.stderr,
    color: useColor(context.stderr, context.env),
    ...(flags.quiet ? { mode: 'silent' as const } : flags.json ? { mode: 'json' as const } : {}),
  });
  try {
    const result = await work({ signal: context.signal, onProgress: progress.onProgress });
    progress.finish();
    return result;
  } catch (error) {
    progress.finish(true);
    throw error;
  }
};
