import { expect, it } from 'vitest';
import { sizeText, workIn, workText, workUnit } from './work-text.js';

it('work has a unit in which it needs few digits', () => {
  expect([2e12, 4.104e9, 49.96e9, 268.4e9, 1.6e15, 12e6].map((flops) => workText(flops))).toEqual([
    '2 TFLOP',
    '4.1 GFLOP',
    '50 GFLOP',
    '268 GFLOP',
    '1600 TFLOP',
    '12 MFLOP',
  ]);
  expect([0, 300].map((flops) => workText(flops))).toEqual(['0 MFLOP', '0.0003 MFLOP']);
});

it('amounts of one table share a unit', () => {
  const unit = workUnit(50.2e12);
  expect([50.2e12, 4e9].map((flops) => workIn(flops, unit))).toEqual(['50.2', '0.004']);
});

it('bytes are mebibytes, from one gibibyte on with two digits', () => {
  expect([0, 1, 2 ** 27, 1.5 * 2 ** 30].map(sizeText)).toEqual(['0 MiB', '1 MiB', '128 MiB', '1.50 GiB']);
});
