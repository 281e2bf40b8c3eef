import { BadArgumentError } from '@ntk-lens/core';

/** Two-sided 95 % quantile of the normal distribution. */
const z = 1.959963984540054;

/**
 * The 95 % interval of Wilson (1927) for an accuracy on `examples` examples drawn independently: the accuracies p whose
 * own standard error √(p (1 − p) / n) puts what was found within 1.96 of them. It stays within 0 and 1 and covers
 * well for few examples and for accuracies near 1, where found ± 1.96 standard errors does not.
 *
 * @example
 * ```ts
 * wilsonInterval(0.705, 200).map((p) => p.toFixed(3)); // ['0.638', '0.764']
 * ```
 * @throws BadArgumentError if the accuracy is not within 0 and 1 or there are no examples
 */
export const wilsonInterval = (accuracy: number, examples: number): readonly [number, number] => {
  if (!(accuracy >= 0 && accuracy <= 1 && examples >= 1)) {
    throw new BadArgumentError(
      'accuracy',
      `${accuracy} of ${examples} examples`,
      'a number from 0 to 1, of at least one example',
    );
  }
  const shrink = 1 + z ** 2 / examples;
  const center = (accuracy + z ** 2 / (2 * examples)) / shrink;
  const spread = Math.sqrt((accuracy * (1 - accuracy)) / examples + z ** 2 / (4 * examples ** 2));
  const half = (z / shrink) * spread;
  return [Math.max(0, center - half), Math.min(1, center + half)];
};
