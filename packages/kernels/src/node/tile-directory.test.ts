import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NDArray, ndarray, writeSealedJson } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTileStore } from './tile-directory.js';

const identity = { formula: 'sgd', batch: 2 };
const tile = (first: number): Record<string, NDArray> => ({
  'self:sum': ndarray<'float64'>(Float64Array.of(first, 2), [2]),
  'dev:sum': ndarray<'float64'>(Float64Array.of(first, 4), [2]),
});

let directory: string;
const file = (name: string) => join(directory, name);
const edit = async (name: string, change: (text: string) => string) =>
  writeFile(file(name), change(await readFile(file(name), 'utf8')));
beforeEach(async () => {
  directory = await temporaryDirectory();
  const store = await openTileStore(directory, identity);
  await store.write('sum-0000', tile(1));
  await store.write('sum-0001', tile(5));
});
const read = async (name: string, of: Record<string, unknown> = identity) =>
  (await openTileStore(directory, of)).read(name);

describe('a tile is read only where it is what was written', () => {
  it('whole', async () => {
    expect(await read('sum-0000')).toEqual(tile(1));
    expect(await read('sum-0002')).toBeUndefined();
  });
  it.each([
    ['a name in another case', (text: string) => text.replace('self:sum', 'sElf:sum')],
    ['another sum', (text: string) => text.replace(/(?<=:sum",")./, (digit) => (digit === '0' ? '1' : '0'))],
    ['no sum of its own', (text: string) => text.replace('"sha256"', '"Sha256"')],
    ['nothing', () => ''],
    ['half', (text: string) => text.slice(0, 40)],
  ])('%s in its list: it counts as not there', async (_, change) => {
    await edit('sum-0000.json', change);
    expect(await read('sum-0000')).toBeUndefined();
  });
  it.each([null, {}, 'sum', [null], [1]])(
    '%j for its arrays, sealed again: it counts as not there',
    async (arrays) => {
      const { sha256: _, ...list } = JSON.parse(await readFile(file('sum-0000.json'), 'utf8')) as object & {
        sha256: string;
      };
      await writeSealedJson(file('sum-0000.json'), { ...list, arrays });
      expect(await read('sum-0000')).toBeUndefined();
    },
  );
  it('with a flipped bit, wherever it is: it is what was written, or counts as not there', async () => {
    const store = await openTileStore(directory, identity);
    const names = ['sum-0000.json', 'sum-0000-0.npy', 'sum-0000-1.npy'];
    const whole = new Map<string, Uint8Array>();
    for (const name of names) whole.set(name, await readFile(file(name)));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(7), async (name, place, bit) => {
        const bytes = Uint8Array.from(whole.get(name)!);
        bytes[place % bytes.length]! ^= 1 << bit;
        await writeFile(file(name), bytes);
        const found = await store.read('sum-0000');
        await writeFile(file(name), whole.get(name)!);
        if (found !== undefined) expect(found).toEqual(tile(1));
      }),
      { numRuns: 150 },
    );
  });
  it('of another part of the plan: exchanged tiles count as not there', async () => {
    for (const ending of ['.json', '-0.npy', '-1.npy']) {
      await rename(file(`sum-0000${ending}`), file('aside'));
      await rename(file(`sum-0001${ending}`), file(`sum-0000${ending}`));
      await rename(file('aside'), file(`sum-0001${ending}`));
    }
    expect(await read('sum-0000')).toBeUndefined();
    expect(await read('sum-0001')).toBeUndefined();
  });
  it('of another plan: without tiles.json it counts as not there', async () => {
    for (const damage of ['', '{"format":', '[]', 'null']) {
      await writeFile(file('tiles.json'), damage);
      expect(await read('sum-0000', { ...identity, batch: 3 })).toBeUndefined();
      await writeFile(file('tiles.json'), damage);
      expect(await read('sum-0000')).toEqual(tile(1));
    }
  });
});

it('what cannot be read is no absent file', async () => {
  await cp(file('sum-0000-0.npy'), file('list/inside'));
  await rename(file('tiles.json'), file('aside'));
  await rename(file('list'), file('tiles.json'));
  await expect(openTileStore(directory, identity)).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
});
