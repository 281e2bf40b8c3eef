import { isError } from '@ntk-lens/core';
import { freePort, hasRedis, startRedis } from '@ntk-lens/testing/redis-server';
import { expect, it } from 'vitest';
import {
  checkRedis,
  enqueueUnits,
  RedisAddressError,
  RedisUnreachableError,
  type WorkableUnits,
  workOnQueue,
} from './index.js';
import { madeUnits } from './testing/made-units.js';
import { redisOfTests, until } from './testing/redis-of-tests.js';

const password = 'a secret: #1';
const { redis, folder, lookAt } = redisOfTests(password);

it.each<[string, string, RegExp]>([
  ['http://host', 'another protocol', /found http:/],
  ['redis://user:hidden@host/name', 'no number of a database', /user@host:6379\/name/],
  ['redis://:hidden@host:1?db=3', 'a query', /\?db=3/],
  ['host', 'no protocol', /found no address/],
])('the address %s is refused: %s', async (url, _, found) => {
  const error = await checkRedis({ url }).catch((reason: unknown) => reason);
  if (!isError(error, RedisAddressError)) throw error;
  expect(error.message).toMatch(found);
  expect(error.message).not.toContain('hidden');
});

it('a Redis that is not there is named before any work, without its password', async () => {
  const units = madeUnits(await folder('nowhere'), 1);
  const url = `redis://:hidden@127.0.0.1:${await freePort()}`;
  const error = await workOnQueue(units, { url }).catch((reason: unknown) => reason);
  if (!isError(error, RedisUnreachableError)) throw error;
  expect(error.message).toMatch(/ECONNREFUSED.*apt-get install redis-server/);
  expect(error.message).not.toContain('hidden');
  expect(units.computed).toEqual([]);
});

it.runIf(hasRedis)(
  'a wrong password is refused, and the right one may stand apart from the address',
  async () => {
    const url = `redis://127.0.0.1:${redis.port}`;
    for (const wrong of [undefined, 'hidden']) {
      const error = await checkRedis({ url, password: wrong }).catch((reason: unknown) => reason);
      if (!isError(error, RedisUnreachableError)) throw error;
      expect(error.message).toMatch(/NOAUTH|WRONGPASS/);
      expect(error.message).not.toContain('hidden');
    }
    await checkRedis({ url, password });
  },
);

it.runIf(hasRedis)('TLS is verified by the given certificate, and work goes through it', async () => {
  const secure = await startRedis(await folder('tls'), { password, tls: true });
  try {
    const { url, ca } = secure;
    await expect(checkRedis({ url })).rejects.toThrow(/self-signed certificate/);
    await expect(checkRedis({ url: url.replace('rediss', 'redis') })).rejects.toMatchObject({
      code: RedisUnreachableError.code,
    });
    const units = madeUnits(await folder('by-tls'), 3);
    expect(await workOnQueue(units, { url, ca })).toMatchObject({ failed: [] });
    expect(units.computed.sort()).toEqual([0, 1, 2]);
    const byName = { url: url.replace('127.0.0.1', 'localhost'), ca };
    await checkRedis(byName);
  } finally {
    await secure.kill();
  }
});

it.runIf(hasRedis)(
  'jobs are references: every unit once, in any order, and a follower sees the end',
  async () => {
    const directory = await folder('shared');
    const [one, other] = [
      madeUnits(directory, 12, { milliseconds: 30 }),
      madeUnits(directory, 12, { milliseconds: 30 }),
    ];
    const put = await enqueueUnits(one, redis);
    expect(put.left).toHaveLength(12);
    // What is in the queue is not put in twice.
    await enqueueUnits(one, redis);
    await lookAt(one.manifest, async (queue) => {
      const jobs = await queue.getWaiting();
      expect(jobs).toHaveLength(12);
      const { manifest, model, program } = one;
      expect(jobs[0]!.data).toEqual({
        ...{ format: 'ntk-lens-unit', version: 1, manifest, model, program },
        unit: expect.any(Number),
      });
    });
    const seen: number[] = [];
    const [follow, first, second] = await Promise.all([
      enqueueUnits(other, redis, { follow: true, onProgress: ({ done }) => seen.push(done) }),
      workOnQueue(one, redis),
      workOnQueue(other, redis),
    ]);
    expect(follow).toMatchObject({ left: [], failed: [] });
    expect([...first.computed, ...second.computed].sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
    expect(seen.at(-1)).toBe(12);
  },
);

it.runIf(hasRedis)(
  'a unit that fails three times is named with its error, and the rest finishes',
  async () => {
    const units = madeUnits(await folder('poisoned'), 5, { poisoned: 2 });
    const { computed, failed } = await workOnQueue(units, redis);
    expect(computed.toSorted()).toEqual([0, 1, 3, 4]);
    expect(failed).toEqual([{ unit: 2, name: 'unit 2', tries: 3, message: 'the unit 2 is poisoned' }]);
    expect(units.tries).toBe(3);
    // It is not tried again unless that is asked for.
    expect((await workOnQueue(units, redis)).failed).toHaveLength(1);
    expect(units.tries).toBe(3);
    const mended = madeUnits(await folder('poisoned'), 5);
    expect(await workOnQueue(mended, redis, { retry: true })).toEqual({
      computed: [2],
      known: [],
      failed: [],
    });
  },
);

it.runIf(hasRedis)(
  'messages about anything else are refused by name, and their units are computed',
  async () => {
    const units = madeUnits(await folder('foreign'), 4);
    const { manifest, model, program } = units;
    const good = { format: 'ntk-lens-unit', version: 1, manifest, model, program, unit: 0 };
    const bad: readonly [id: string, data: object, found: RegExp][] = [
      ['unit-0', { ...good, model: 'ab'.repeat(32) }, /model: found abab.*, expected/],
      ['unit-1', { ...good, unit: 1, manifest: 'cd'.repeat(32) }, /manifest: found cdcd/],
      ['unit-2', { ...good, unit: 2, program: 'ntk-lens 9.9.9' }, /program: found ntk-lens 9\.9\.9/],
      ['other', { ...good, path: '/etc/passwd' }, /field ""/],
      ['unit-9', { ...good, unit: 9 }, /unit: found 9/],
    ];
    await lookAt(manifest, async (queue) => {
      for (const [jobId, data] of bad) await queue.add('unit', data, { jobId });
    });
    const refused: string[] = [];
    const { computed, failed } = await workOnQueue(units, redis, {
      onRefused: ({ message }) => refused.push(message),
    });
    expect(failed).toEqual([]);
    expect(computed.toSorted()).toEqual([0, 1, 2, 3]);
    for (const [id, , found] of bad)
      expect(refused.join('\n')).toMatch(new RegExp(`${id} was refused: .*${found.source}`));
  },
);

it.runIf(hasRedis)('an error that says nothing of the unit ends the worker, and is no failure', async () => {
  const directory = await folder('full');
  const full: WorkableUnits = {
    ...madeUnits(directory, 2),
    compute: () => Promise.reject(new Error('the disk is full')),
    isOfTheWorker: () => true,
  };
  await expect(workOnQueue(full, redis)).rejects.toThrow('the disk is full');
  const after = await workOnQueue(madeUnits(directory, 2), redis);
  expect(after).toMatchObject({ computed: expect.objectContaining({ length: 2 }), failed: [] });
});

it.runIf(hasRedis)(
  'a Redis that is killed is waited for, with its data or without, and every unit is finished',
  async () => {
    const own = await startRedis(await folder('restarted'), { password });
    try {
      for (const empty of [false, true]) {
        const directory = await folder(`restarted-${empty}`);
        const said: string[] = [];
        const make = () => madeUnits(directory, 8, { milliseconds: 150 });
        const [one, other] = [make(), make()];
        const onConnection = (state: string): unknown => said.push(state);
        const work = Promise.all([
          workOnQueue(one, own, { lease: 2, onConnection }),
          workOnQueue(other, own, { lease: 2 }),
        ]);
        await until(() => one.computed.length + other.computed.length > 1);
        await own.kill();
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await own.restart(empty);
        const [first, second] = await work;
        expect([...first.failed, ...second.failed]).toEqual([]);
        expect(said).toEqual(['waiting', 'back']);
        expect(new Set([...one.computed, ...other.computed]).size).toBe(8);
        // Two units were at work, and only a Redis that lost everything hands them out again.
        const twice = one.computed.length + other.computed.length - 8;
        expect(twice).toBeLessThanOrEqual(2);
      }
    } finally {
      await own.kill();
    }
  },
);

it.runIf(hasRedis)('results that were lost are computed again when a worker is started', async () => {
  const directory = await folder('lost');
  const units = madeUnits(directory, 3);
  await workOnQueue(units, redis);
  await units.lose(1);
  expect((await workOnQueue(units, redis)).computed).toEqual([1]);
  await units.damage(2);
  expect((await workOnQueue(units, redis)).computed).toEqual([2]);
});
