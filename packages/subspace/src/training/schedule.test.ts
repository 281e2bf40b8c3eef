import { BadArgumentError } from '@ntk-lens/core';
import { expect, it } from 'vitest';
import { learningRateAt } from './schedule.js';

const rates = (schedule: Parameters<typeof learningRateAt>[0], steps: number) =>
  Array.from({ length: steps }, (_, i) => learningRateAt(schedule, 1, i + 1, steps));

it("equals transformers' get_linear_schedule_with_warmup and get_constant_schedule_with_warmup", () => {
  expect(rates({}, 4)).toEqual([1, 0.75, 0.5, 0.25]);
  expect(rates({ warmUpSteps: 2 }, 6)).toEqual([0, 0.5, 1, 0.75, 0.5, 0.25]);
  expect(rates({ decay: 'constant', warmUpSteps: 2 }, 4)).toEqual([0, 0.5, 1, 1]);
  expect(rates({ decay: 'constant' }, 2)).toEqual([1, 1]);
});

it('refuses a warm-up that is longer than the training', () => {
  for (const warmUpSteps of [-1, 0.5, 5])
    expect(() => learningRateAt({ warmUpSteps }, 1, 1, 4)).toThrow(BadArgumentError);
});
