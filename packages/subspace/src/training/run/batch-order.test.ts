import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BatchOrder } from './batch-order.js';

it('every epoch is a permutation, and a batch is the same whenever it is asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(1000),
      (count, size, seed) => {
        const perEpoch = Math.ceil(count / size);
        const order = new BatchOrder(count, size, seed);
        const epochs = [0, 1, 2].map((epoch) =>
          Array.from({ length: perEpoch }, (_, k) => order.batch(epoch * perEpoch + k)),
        );
        for (const epoch of epochs)
          expect(epoch.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
        const fresh = new BatchOrder(count, size, seed);
        expect(fresh.batch(2 * perEpoch)).toEqual(epochs[2]![0]);
        expect(fresh.batch(0)).toEqual(epochs[0]![0]);
        for (const batch of epochs.flat()) expect(batch.length).toBeLessThanOrEqual(size);
      },
    ),
    { numRuns: 40 },
  );
});
