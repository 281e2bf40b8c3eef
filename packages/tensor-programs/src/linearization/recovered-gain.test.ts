import { expect, it } from 'vitest';
import { recoveredGain } from './recovered-gain.js';

it('is the part of the gain, and undefined without one', () => {
  expect(recoveredGain({ zeroShot: 0.5, linearized: 0.75, tuned: 0.75 })).toBe(1);
  expect(recoveredGain({ zeroShot: 0.5, linearized: 0.5, tuned: 0.75 })).toBe(0);
  expect(recoveredGain({ zeroShot: 0.5, linearized: 0.25, tuned: 0.75 })).toBe(-1);
  expect(recoveredGain({ zeroShot: 0.5, linearized: 0.9, tuned: 0.5 })).toBeUndefined();
  expect(recoveredGain({ zeroShot: 0.5, linearized: 0.9, tuned: 0.4 })).toBeUndefined();
});
