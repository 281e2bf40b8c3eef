import { expect, test } from 'vitest';
import { mapAhead } from './map-ahead.js';

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

test('results are in the order of the items, and two calls overlap at most', async () => {
  let [running, most] = [0, 0];
  const results = await mapAhead([5, 6, 7, 8, 9], async (item, index) => {
    most = Math.max(most, ++running);
    await pause();
    running--;
    return item * 10 + index;
  });
  expect(results).toEqual([50, 61, 72, 83, 94]);
  expect(most).toBe(2);
});

test('a failure begins nothing more, and is reported when what was begun has ended', async () => {
  const [begun, ended]: number[][] = [[], []];
  const failing = mapAhead([0, 1, 2, 3, 4], async (item) => {
    begun!.push(item);
    await pause();
    if (item === 1) throw new Error('one');
    if (item === 2) await pause();
    ended!.push(item);
  });
  await expect(failing).rejects.toThrow('one');
  expect(begun).toEqual([0, 1, 2]);
  expect(ended).toEqual([0, 2]);
});
