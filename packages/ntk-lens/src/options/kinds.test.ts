import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as kinds from './kinds.js';

const integer = (least: number, most?: number) => kinds.integer(least, most).parse;
const seeds = kinds.list(kinds.seed).parse;
const names = (known: readonly string[]) => kinds.list(kinds.oneOf(known)).parse;
const strengths = kinds.list(kinds.number({ least: 0 })).parse;
const positivesOrInf = kinds.list(kinds.orInf(kinds.number({ above: 0 }))).parse;
const bytes = (text: string) => kinds.bytes.parse(text);
const spaces = (text: string) => kinds.spaces.parse(text);
const globs = (text: string) => kinds.globs.parse(text);

describe('option values', () => {
  it('integers keep their bounds', () => {
    expect(integer(1)('16')).toBe(16);
    for (const text of ['0', '-1', '1.5', '', ' 1', '1e3', '0x10', 'x'])
      expect(() => integer(1)(text)).toThrow();
    expect(() => integer(0, 5)('6')).toThrow(/from 0 to 5/);
  });
  it('seeds are what NumPy takes, none twice', () => {
    expect(seeds('13, 21,42')).toEqual([13, 21, 42]);
    expect(seeds('4294967295')).toEqual([2 ** 32 - 1]);
    for (const text of ['4294967296', '1,1', '1,,2', '']) expect(() => seeds(text)).toThrow();
  });
  it('names are known ones', () => {
    expect(names(['sgd', 'signgd'])('signgd,sgd')).toEqual(['signgd', 'sgd']);
    expect(() => names(['sgd', 'signgd'])('adam')).toThrow(/sgd, signgd/);
  });
  it('strengths and positivesOrInf are finite and not negative; inf is null', () => {
    expect(strengths('0,1e-3,.5')).toEqual([0, 0.001, 0.5]);
    expect(positivesOrInf('10,inf')).toEqual([10, null]);
    for (const text of ['-1', 'x', '', 'NaN']) {
      expect(() => strengths(text)).toThrow();
      expect(() => positivesOrInf(text)).toThrow();
    }
    for (const text of ['Infinity', 'inf']) expect(() => strengths(text)).toThrow();
    expect(() => positivesOrInf('0')).toThrow();
  });
  it('memory has units of 1000 and 1024', () => {
    expect(['4GB', '512MiB', '2g', '1.5k', '100'].map(bytes)).toEqual([4e9, 2 ** 29, 2e9, 1500, 100]);
    for (const text of ['', 'GB', '-1', '4XB', '0', '1e9']) expect(() => bytes(text)).toThrow();
  });
  it('spaces keep their own arguments, which commas join too', () => {
    const list = ['full:exclude=*embed*', 'lora:r=8,targets=query+value', 'bitfit', 'prefix:20,mlp=512'];
    expect(spaces(list.join(','))).toEqual(list);
    expect(spaces('full, lora')).toEqual(['full', 'lora']);
    for (const text of ['', 'full,,lora', 'full,full']) expect(() => spaces(text)).toThrow();
  });
  it('globs are not empty', () => {
    expect(globs('*bias*,*LayerNorm*')).toEqual(['*bias*', '*LayerNorm*']);
    for (const text of ['', 'a,,b', 'a,a']) expect(() => globs(text)).toThrow();
  });
  it('take any list of seeds as it was written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1 }), (list) => {
        expect(seeds(list.join(','))).toEqual(list);
      }),
    );
  });
});
