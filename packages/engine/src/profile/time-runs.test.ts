import { afterEach, expect, test, vi } from 'vitest';
import { bestOf, usualOf } from './time-runs.js';

afterEach(() => vi.restoreAllMocks());

/** Work whose calls take these seconds one after the other, the last ones for ever, on a clock of its own. */
const workOf = (...seconds: readonly number[]) => {
  let now = 0;
  let calls = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 * now);
  const work = async () => {
    now += seconds[Math.min(calls++, seconds.length - 1)]!;
  };
  return { work, calls: () => calls };
};

test('a call that other work holds up decides nothing, and the first, which compiles, does not count', async () => {
  for (const [measure, stalls] of [
    [bestOf, [60, 60]],
    [usualOf, [60]],
  ] as const) {
    const { work } = workOf(9, ...stalls, 0.125);
    expect(await measure(work, undefined)).toBeCloseTo(0.125);
  }
});

test('short work is measured until its time is enough, and at most as often as is asked', async () => {
  const short = workOf(1, 0.0001);
  await bestOf(short.work, undefined);
  expect(short.calls()).toBe(8);
  const once = workOf(0.5);
  expect(await usualOf(once.work, undefined, 1)).toBe(0.5);
  expect(once.calls()).toBe(1);
});
