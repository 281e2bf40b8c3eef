import { once } from 'node:events';
import { hasRedis } from '@ntk-lens/testing/redis-server';
import { expect, it, vi } from 'vitest';
import { type WorkableUnits, workOnQueue } from './index.js';
import { madeUnits } from './testing/made-units.js';
import { redisOfTests, until } from './testing/redis-of-tests.js';

const { redis, folder, lookAt, startWorker } = redisOfTests('hidden');

it.runIf(hasRedis)('a worker that is stopped gives its unit back at once', async () => {
  const directory = await folder('stopped');
  const stop = new AbortController();
  const units = madeUnits(directory, 2, { milliseconds: 60_000 });
  const stopped = workOnQueue(units, redis, { signal: stop.signal });
  await until(() => units.started.length > 0);
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  await lookAt(units.manifest, async (queue) => {
    expect(await queue.getJobCounts('wait', 'active', 'failed')).toEqual({ wait: 2, active: 0, failed: 0 });
    expect((await queue.getWaiting()).map(({ attemptsMade }) => attemptsMade)).toEqual([0, 0]);
  });
  expect((await workOnQueue(madeUnits(directory, 2), redis)).computed).toHaveLength(2);
});

it.runIf(hasRedis)('a unit is given back before its next safe point, and its worker ends there', async () => {
  const directory = await folder('deaf');
  const stop = new AbortController();
  const units = madeUnits(directory, 1, { milliseconds: 8000, deaf: true });
  let ended = false;
  const stopped = workOnQueue(units, redis, { signal: stop.signal }).finally(() => {
    ended = true;
  });
  await until(() => units.started.length > 0);
  stop.abort();
  expect((await workOnQueue(madeUnits(directory, 1), redis)).computed).toEqual([0]);
  expect(ended).toBe(false);
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(units.computed).toEqual([]);
});

it.runIf(hasRedis)('the unit of a worker that was killed is taken by another one', async () => {
  const directory = await folder('killed');
  const killed = startWorker(directory, 3, 60_000);
  const units = madeUnits(directory, 3);
  await until(() => lookAt(units.manifest, async (queue) => (await queue.getActiveCount()) === 1));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const { computed, failed } = await workOnQueue(units, redis, { lease: 2 });
  expect({ computed: computed.toSorted(), failed }).toEqual({ computed: [0, 1, 2], failed: [] });
});

it.runIf(hasRedis).each([5, -5])(
  'a worker whose clock is off by %i hours keeps its unit while it lives, and loses it when it is killed',
  async (hours) => {
    const directory = await folder(`clock-${hours}`);
    const other = startWorker(directory, 1, 60_000, hours);
    const units = madeUnits(directory, 1);
    await until(() => lookAt(units.manifest, async (queue) => (await queue.getActiveCount()) === 1));
    const work = workOnQueue(units, redis, { lease: 2 });
    // Longer than a lease and two looks at what is stalled.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(units.started).toEqual([]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await work).toMatchObject({ computed: [0], failed: [] });
  },
);

it.runIf(hasRedis)(
  'a unit that a worker put off, whose clock is hours ahead, is looked at again after seconds',
  async () => {
    const directory = await folder('put-off');
    const stop = new AbortController();
    const elsewhere: WorkableUnits = {
      ...madeUnits(directory, 1),
      compute: async () => 'elsewhere',
    };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 3_600_000 });
    try {
      const put = workOnQueue(elsewhere, redis, { signal: stop.signal });
      await until(() => lookAt(elsewhere.manifest, async (queue) => (await queue.getDelayedCount()) === 1));
      stop.abort();
      await expect(put).rejects.toMatchObject({ code: 'CANCELLED' });
    } finally {
      vi.useRealTimers();
    }
    expect((await workOnQueue(madeUnits(directory, 1), redis)).computed).toEqual([0]);
  },
);
