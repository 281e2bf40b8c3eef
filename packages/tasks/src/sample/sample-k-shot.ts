import { BadArgumentError, type Example, Mt19937 } from '@ntk-lens/core';
import { TooFewExamplesError } from '../errors.js';

export interface SampleKShotOptions {
  /** Training examples per label. */
  readonly shots: number;
  readonly seed: number;
  /** Labels in order. */
  readonly labels: readonly string[];
  /** Development examples per label; as many as `shots` if not given. */
  readonly devShots?: number;
}

/**
 * Draws k training and k development examples per label from a pool, disjoint, as LM-BFF does: the pool is shuffled
 * with NumPy's generator, then the first of each label are taken.
 *
 * @example
 * ```ts
 * const { train, dev } = sampleKShot(pool, { shots: 16, seed: 42, labels: ['negative', 'positive'] });
 * ```
 * @returns `shots · labels` training and `devShots · labels` development examples, grouped by label in label order
 * @throws TooFewExamplesError if a label has fewer than shots + devShots examples
 */
export const sampleKShot = (
  pool: readonly Example[],
  { shots, seed, labels, devShots = shots }: SampleKShotOptions,
): { train: Example[]; dev: Example[] } => {
  for (const [name, count] of Object.entries({ shots, devShots })) {
    if (!Number.isInteger(count) || count < 1) throw new BadArgumentError(name, count, 'a positive integer');
  }
  const shuffled = [...pool];
  new Mt19937(seed).shuffle(shuffled);
  const train: Example[] = [];
  const dev: Example[] = [];
  for (const label of labels) {
    const own = shuffled.filter((example) => example.label === label);
    if (own.length < shots + devShots) throw new TooFewExamplesError(label, own.length, shots + devShots);
    train.push(...own.slice(0, shots));
    dev.push(...own.slice(shots, shots + devShots));
  }
  return { train, dev };
};
