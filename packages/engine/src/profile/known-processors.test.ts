import { expect, test } from 'vitest';
import { instructionsOf, processorName } from '../node/profile/machine-at-hand.js';
import { knownProfile, usualRates } from './known-processors.js';
import { type Machine, machineDifferences } from './machine-profile.js';

const machine: Machine = {
  ...{ processor: 'Intel(R) Xeon(R) Platinum 8481C', instructions: 'avx512-vnni' },
  ...{ runtime: 'ort-cpu', version: '1.30.0', threads: 2 },
};

test('the table is asked by name and instruction set, and a processor that is not in it counts as the usual one', () => {
  expect(knownProfile(machine).source).toBe('Intel, AVX-512 VNNI');
  const sourceOf = (processor: string) => knownProfile({ ...machine, processor }).source;
  expect(sourceOf('AMD EPYC, family 25, model 17')).toBe('AMD Zen 4, AVX-512 VNNI');
  expect(sourceOf('AMD EPYC, family 26, model 2')).toBe('AMD Zen 5, AVX-512 VNNI');
  expect(sourceOf('AMD EPYC, family 256, model 2')).toMatch(/not in the table/);
  expect(knownProfile({ ...machine, processor: 'AMD EPYC, family 25, model 17' }).rates).toEqual(usualRates);
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

test('processors of one name are told apart by their family and model, where Linux says them', () => {
  const cpuinfo = (family: number) =>
    `processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: ${family}\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n`;
  expect(processorName('AMD EPYC', cpuinfo(25))).toBe('AMD EPYC, family 25, model 17');
  expect(processorName('AMD EPYC', cpuinfo(26))).toBe('AMD EPYC, family 26, model 17');
  expect(processorName('Neoverse', 'processor\t: 0\nBogoMIPS\t: 50\n')).toBe('Neoverse');
});
