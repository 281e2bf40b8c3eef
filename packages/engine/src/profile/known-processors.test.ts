import { expect, test } from 'vitest';
import { instructionsOf } from '../node/profile/machine-at-hand.js';
import { knownProfile, usualRates } from './known-processors.js';
import { type Machine, machineDifferences } from './machine-profile.js';

const machine: Machine = {
  ...{ processor: 'Intel(R) Xeon(R) Platinum 8481C', instructions: 'avx512-vnni' },
  ...{ runtime: 'ort-cpu', version: '1.30.0', threads: 2 },
};

test('the table is asked by vendor and instruction set, and a processor that is not in it counts as the usual one', () => {
  expect(knownProfile(machine).source).toBe('Intel, AVX-512 VNNI');
  expect(knownProfile({ ...machine, processor: 'AMD EPYC' }).rates).toEqual(usualRates);
  const other = knownProfile({ ...machine, processor: 'Abacus', instructions: 'unknown' });
  expect(other.rates).toEqual(usualRates);
  expect(other.source).toMatch(/not in the table/);
});

test('rates grow with the threads, and what a program and its runs cost does not', () => {
  const [two, eight] = [2, 8].map((threads) => knownProfile({ ...machine, threads }).rates);
  expect(eight!.products).toBe(4 * two!.products);
  expect(eight!.newPages / eight!.products).toBeCloseTo(two!.newPages / two!.products);
  expect(eight!.secondsPerRun).toBe(two!.secondsPerRun);
  expect(eight!.secondsPerProgram).toBe(two!.secondsPerProgram);
});

test('machines differ by name', () => {
  expect(machineDifferences(machine, { ...machine })).toEqual([]);
  expect(machineDifferences(machine, { ...machine, threads: 4 })).toEqual([
    { field: 'threads', found: '2', expected: '4' },
  ]);
});

test('instruction sets are read from the flags of Linux, the widest first', () => {
  const flags = (...names: string[]) => `processor: 0\nflags\t\t: fpu ${names.join(' ')} sse\npower:\n`;
  expect(instructionsOf(flags('avx2', 'avx512f', 'avx512_vnni'), 'x64')).toBe('avx512-vnni');
  expect(instructionsOf(flags('avx2', 'avx512f'), 'x64')).toBe('avx512');
  expect(instructionsOf(flags('avx2', 'avx_vnni'), 'x64')).toBe('avx2-vnni');
  expect(instructionsOf(flags('avx2'), 'x64')).toBe('avx2');
  expect(instructionsOf('', 'x64')).toBe('unknown');
  expect(instructionsOf('', 'arm64')).toBe('neon');
});
