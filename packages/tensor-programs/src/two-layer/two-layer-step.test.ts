import { describe, expect, it } from 'vitest';
import { type TwoLayerStepOptions, twoLayerStep } from './two-layer-step.js';

const input = [1, 1, 1, 1, 1];

describe('orders', () => {
  const at = (options: Partial<TwoLayerStepOptions>) =>
    twoLayerStep({ width: 4096, seed: 1, rule: 'sgd', rate: 1, chi: 0.1, input, ...options });

  it('features move by the order of ηχ under SGD and of η under SignGD', () => {
    expect(at({ chi: 0.01 }).featureChange / at({ chi: 0.1 }).featureChange).toBeCloseTo(0.1, 10);
    expect(at({ rate: 0.5 }).featureChange / at({ rate: 1 }).featureChange).toBeCloseTo(0.5, 10);
    expect(at({ rule: 'signgd', chi: 0.01 })).toEqual(at({ rule: 'signgd', chi: 0.1 }));
  });

  it('the remainder is of second order in the step', () => {
    const remainder = (rate: number) => {
      const { change, linear } = at({ width: 64, rate });
      return Math.abs(change - linear);
    };
    expect(remainder(1e-3) / remainder(5e-4)).toBeCloseTo(4, 1);
  });

  it('refuses a rule that it does not know', () => {
    expect(() => at({ rule: 'adam' as 'sgd' })).toThrow(/sgd or signgd/);
  });

  it('refuses sizes that are none', () => {
    expect(() => at({ width: 0 })).toThrow(/width/);
    expect(() => at({ input: [] })).toThrow(/input/);
  });
});
