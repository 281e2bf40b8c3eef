import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Queue } from './queue.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('keeps no result of work that is done', async () => {
  const queue = new Queue();
  const results: WeakRef<object>[] = [];
  for (let i = 0; i < 4; i++)
    results.push(
      new WeakRef(await queue.run('Work', undefined, async () => ({ large: new Float64Array(8) }))),
    );
  await queue
    .run('Work', undefined, async () => {
      throw new Error('failed');
    })
    .catch(() => {});
  await queue.drained();
  // A weak reference is not cleared in the turn in which it was made.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(results.map((result) => result.deref())).toEqual([undefined, undefined, undefined, undefined]);
});

it('works in the order in which work came, past what failed', async () => {
  const queue = new Queue();
  const done: number[] = [];
  const work = (i: number) =>
    queue.run('Work', undefined, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5 - i));
      done.push(i);
      if (i === 1) throw new Error('failed');
    });
  const all = await Promise.allSettled([0, 1, 2, 3].map(work));
  expect(done).toEqual([0, 1, 2, 3]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});

it('is left by work whose signal has fired, before or while it waits', async () => {
  const queue = new Queue();
  let end = (): void => {};
  const first = queue.run('Work', undefined, () => new Promise<void>((resolve) => (end = resolve)));
  const never = async () => expect.unreachable();
  const controller = new AbortController();
  const waiting = queue.run('Waiting work', controller.signal, never);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(queue.run('Late work', controller.signal, never)).rejects.toMatchObject({ code: 'CANCELLED' });
  end();
  await first;
});
