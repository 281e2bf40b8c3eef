import { expect, test } from 'vitest';
import { ProgramCache } from './program-cache.js';

test('the entry unused for longest is dropped first', () => {
  const dropped: string[] = [];
  const cache = new ProgramCache<number>(2, (key) => dropped.push(key));
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect(dropped).toEqual(['b']);
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
  cache.delete('a');
  cache.set('d', 4);
  expect(dropped).toEqual(['b']);
});

test('entries are kept up to a total weight, and the last one whatever it weighs', () => {
  const dropped: string[] = [];
  const cache = new ProgramCache<number>(10, (key) => dropped.push(key));
  cache.set('a', 1, 4);
  cache.set('b', 2, 4);
  cache.set('a', 3, 6);
  expect(dropped).toEqual([]);
  cache.set('c', 4, 5);
  expect(dropped).toEqual(['b', 'a']);
  cache.set('d', 5, 20);
  expect([cache.get('c'), cache.get('d'), cache.size]).toEqual([undefined, 5, 1]);
});

test('entries that nobody used since the last call are dropped', () => {
  const dropped: string[] = [];
  const cache = new ProgramCache<number>(4, (key) => dropped.push(key));
  for (const key of ['a', 'b', 'c']) cache.set(key, 1);
  cache.dropUnused();
  expect(dropped).toEqual([]);
  cache.get('b');
  cache.set('d', 1);
  cache.dropUnused();
  expect(dropped).toEqual(['a', 'c']);
  cache.dropUnused();
  expect(dropped).toEqual(['a', 'c', 'b', 'd']);
  // Their weight is gone, too.
  for (const key of ['e', 'f', 'g', 'h']) cache.set(key, 1);
  expect(cache.size).toBe(4);
});
