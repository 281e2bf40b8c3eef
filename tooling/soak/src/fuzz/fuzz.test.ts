import { afterAll, expect, test } from 'vitest';
import { closeReaders, fuzz } from './fuzz.js';

afterAll(closeReaders);

const found = (name: string) =>
  fuzz(
    { name, inputs: 50 },
    { seed: 1, targets: new URL('../testing/bad-parsers.ts', import.meta.url), hangsAfter: 500 },
  );

test('inputs that are accepted and refused are counted', async () => {
  const { inputs, accepted, refused, faults } = await found('sound');
  expect([inputs, accepted + refused, faults]).toEqual([50, 50, []]);
  expect(Math.min(accepted, refused)).toBeGreaterThan(0);
});

test.each(['untyped', 'wrong'])('a parser that is %s is found, with its inputs', async (name) => {
  const { inputs, hung, faults } = await found(name);
  expect([inputs, hung]).toEqual([50, 0]);
  expect(faults.length).toBeGreaterThan(0);
  expect(new Set(faults.map(({ input }) => input))).toEqual(new Set(['3']));
  expect(faults[0]!.error).toMatch(/three/);
});

test.each([
  ['hanging', /more than 0.5 s/],
  ['ending', /ends its process/],
])('a parser that is %s is stopped and found', async (name, message) => {
  const { hung, faults } = await found(name);
  expect(hung).toBeGreaterThan(0);
  expect(faults).toHaveLength(hung);
  for (const { error } of faults) expect(error).toMatch(message);
});
