import { throwIfCancelled } from '@ntk-lens/core';
import type { StateClaims } from './claims.js';

/** Milliseconds between looks at shares that others compute, about: two that gave way to each other look at different times. */
const LOOK_MS = 250;

interface ShareWork extends StateClaims {
  readonly isThere: (share: number) => Promise<boolean>;
  readonly compute: (share: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns when all shares are there: those that nobody computes are computed, in this order, and those of others are waited
 * for. A share whose process is gone is taken over.
 */
export const completeShares = async (
  shares: readonly number[],
  { isThere, compute, claim, signal }: ShareWork,
): Promise<void> => {
  for (;;) {
    let [elsewhere, computed] = [false, false];
    for (const share of shares) {
      throwIfCancelled(signal, 'The kernel computation');
      if (await isThere(share)) continue;
      const end = await claim(share);
      if (!end) {
        elsewhere = true;
        continue;
      }
      try {
        // Another process may have ended it meanwhile.
        if (!(await isThere(share))) await compute(share);
        computed = true;
      } finally {
        await end();
      }
    }
    if (!elsewhere) return;
    if (!computed) await new Promise((resolve) => setTimeout(resolve, (0.5 + Math.random()) * LOOK_MS));
  }
};
