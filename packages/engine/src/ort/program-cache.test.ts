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
