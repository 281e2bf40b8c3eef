/** Calls under way at once: one that the runtime computes, and one that waits for it. */
const AHEAD = 2;

/**
 * Maps items in order, and begins with an item before the one before it is finished: while the runtime computes, the
 * next program is traced and the last result added up. Rejects with the first failure, after everything begun has ended.
 *
 * @internal
 */
export const mapAhead = async <T, U>(
  items: Iterable<T>,
  f: (item: T, index: number) => Promise<U>,
): Promise<U[]> => {
  const begun: Promise<U>[] = [];
  try {
    for (const item of items) {
      const index = begun.length;
      if (index >= AHEAD) await begun[index - AHEAD];
      const call = f(item, index);
      call.catch(() => {});
      begun.push(call);
    }
    return await Promise.all(begun);
  } finally {
    await Promise.allSettled(begun);
  }
};
