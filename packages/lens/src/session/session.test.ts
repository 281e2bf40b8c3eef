import { CancelledError, isError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { Queue } from './queue.js';

const later = () => {
  let done = () => {};
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { promise, done };
};

describe('a queue', () => {
  it('works one piece at a time, in the order in which they came, failures included', async () => {
    const queue = new Queue();
    const seen: string[] = [];
    const first = later();
    const all = [
      queue.run('a', undefined, async () => {
        seen.push('a begins');
        await first.promise;
        seen.push('a ends');
        throw new Error('a fails');
      }),
      queue.run('b', undefined, async () => seen.push('b')),
      queue.run('c', undefined, async () => seen.push('c')),
    ];
    await Promise.resolve();
    first.done();
    await Promise.allSettled(all);
    expect(seen).toEqual(['a begins', 'a ends', 'b', 'c']);
    await queue.drained();
  });
  it('is left by a piece whose signal fires while it waits, and the next one still waits for its turn', async () => {
    const queue = new Queue();
    const first = later();
    const seen: string[] = [];
    const running = queue.run('a', undefined, () => first.promise);
    const controller = new AbortController();
    const waiting = queue.run('b', controller.signal, async () => seen.push('b'));
    const last = queue.run('c', undefined, async () => seen.push('c'));
    controller.abort();
    const error = await waiting.catch((e: unknown) => e);
    expect(isError(error, CancelledError)).toBe(true);
    expect(seen).toEqual([]);
    first.done();
    await Promise.all([running, last]);
    expect(seen).toEqual(['c']);
  });
});
