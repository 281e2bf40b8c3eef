import { usualRates } from '@ntk-lens/engine';
import { linearSite, type Site, type Stage } from '@ntk-lens/models';
import { expect, test } from 'vitest';
import { chooseKept, type ReadingStages } from './kept-values.js';

const GIB = 2 ** 30;

/** 7 µs for a page of 4 KiB. */
const rates = { ...usualRates, products: 300e9, newPages: 585e6 };

const site = (name: string, inSize: number, outSize: number) => linearSite(name, name, inSize, outSize);
const stage = (identity: string, ...sites: Site[]) => ({ identity, sites }) as unknown as Stage;

const layer = stage(
  'layer',
  site('query', 768, 768),
  site('intermediate', 768, 3072),
  site('output', 3072, 768),
);
const head = stage('head', site('decoder', 3072, 2));

/** Stages of which all values are read, or all values of these sites. */
const reading = (stages: readonly Stage[], sites?: readonly string[]): ReadingStages => ({
  stages,
  read: (index) => new Set(sites ?? stages[index]!.sites.map(({ name }) => name)),
});

test('outputs of wide inputs are kept, those of narrow ones computed again; never those of the head', () => {
  expect(chooseKept(reading([layer, layer, head]), 1000, 4 * GIB, 2, rates)).toEqual([
    ['output'],
    ['output'],
    [],
  ]);
});

test('where the room is little the widest go first, in as many stages as they fit where that pays for programs', () => {
  const wide = stage('layer', site('query', 2048, 2048), site('output', 8192, 2048));
  const bytes = 4 * 1000 * 2048;
  const kept = (room: number) => chooseKept(reading([wide, wide, head]), 1000, room, 2, rates);
  const reserve = 232 * 2 ** 20 + 4 * 1000 * (8192 + 2 * 2048);
  expect(kept(reserve + bytes - 1)).toEqual([[], [], []]);
  expect(kept(reserve + 2 * bytes - 1)).toEqual([['output'], [], []]);
  expect(kept(reserve + 2 * bytes)).toEqual([['output'], ['output'], []]);
  expect(kept(reserve + 4 * bytes - 1)).toEqual([['output'], ['output'], []]);
  expect(kept(reserve + 4 * bytes)).toEqual([['output', 'query'], ['output', 'query'], []]);
});

test('values that no backward pass reads are not kept', () => {
  const stages = [layer, layer, head];
  const kept = (...sites: string[]) => chooseKept(reading(stages, sites), 1000, 4 * GIB, 2, rates);
  expect(kept('query', 'intermediate')).toEqual([[], [], []]);
  const onlyBelow: ReadingStages = { stages, read: (index) => new Set(index === 0 ? ['output'] : []) };
  expect(chooseKept(onlyBelow, 1000, 4 * GIB, 2, rates)).toEqual([['output'], [], []]);
});
