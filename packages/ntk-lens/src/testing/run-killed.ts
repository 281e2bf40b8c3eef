import type { Finished, SpawnOptions } from './spawn-program.js';

/** A moment: some milliseconds after something was printed. */
export interface Kill {
  readonly after: RegExp;
  readonly delay: number;
}

/**
 * Starts a program again and again, kills it at the moments that `next` gives, until it ends by itself.
 *
 * @param next gets how often it was killed
 */
export const runKilled = async (
  start: (options: SpawnOptions) => Promise<Finished>,
  next: (kills: number) => Kill | undefined,
): Promise<{ readonly kills: number; readonly last: Finished }> => {
  for (let kills = 0; ; kills++) {
    const kill = next(kills);
    let timer: NodeJS.Timeout | undefined;
    const last = await start({
      onStderr: (text, child) => {
        if (kill?.after.test(text)) timer ??= setTimeout(() => child.kill('SIGKILL'), kill.delay);
      },
    });
    clearTimeout(timer);
    if (last.signal !== 'SIGKILL') return { kills, last };
  }
};
