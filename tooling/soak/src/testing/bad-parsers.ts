import { BadArgumentError } from '@ntk-lens/core';
import { fuzzTarget, mustBe } from '../fuzz/target.js';

/** Numbers from 0 to 9, one of which is read otherwise than it should be. */
const parser = (name: string, read: (digit: number) => unknown) =>
  fuzzTarget(name, 50, () => ({ make: (random) => random.interval(9), read }));

export const fuzzTargets = [
  parser('sound', (digit) => {
    if (digit > 6) throw new BadArgumentError('digit', digit, 'at most 6');
  }),
  parser('untyped', (digit) => {
    if (digit === 3) throw new TypeError('three');
  }),
  parser('wrong', (digit) => mustBe(digit !== 3, 'not three')),
  parser('hanging', (digit) => {
    while (digit === 3);
  }),
  parser('ending', (digit) => {
    if (digit === 3) process.exit(7);
  }),
];
