import { checkPair } from './check-pair.js';

/**
 * Fraction of predictions that are right.
 *
 * @example
 * ```ts
 * accuracy([0, 1, 1], [0, 1, 0]); // 0.6666666666666666
 * ```
 * @param predicted label indices
 * @param gold label indices, as many
 * @throws BadArgumentError if the lengths differ or are 0
 */
export const accuracy = (predicted: ArrayLike<number>, gold: ArrayLike<number>): number => {
  checkPair(predicted, gold);
  return count(predicted, gold, (p, g) => p === g) / gold.length;
};

/**
 * F1 of label 1 against all others, as GLUE computes it for MRPC and QQP: 2·TP / (2·TP + FP + FN), and 0 where label 1
 * neither occurs nor is predicted.
 *
 * @param predicted label indices
 * @param gold label indices, as many
 * @throws BadArgumentError if the lengths differ or are 0
 */
export const f1 = (predicted: ArrayLike<number>, gold: ArrayLike<number>): number => {
  checkPair(predicted, gold);
  const right = count(predicted, gold, (p, g) => p === 1 && g === 1);
  const wrong = count(predicted, gold, (p, g) => (p === 1) !== (g === 1));
  return right === 0 ? 0 : (2 * right) / (2 * right + wrong);
};

/**
 * Matthews correlation of two or more labels (CoLA's metric); 0 where either side has one label only.
 *
 * @param predicted label indices
 * @param gold label indices, as many
 * @returns a number from −1 to 1
 * @throws BadArgumentError if the lengths differ or are 0
 */
export const matthews = (predicted: ArrayLike<number>, gold: ArrayLike<number>): number => {
  checkPair(predicted, gold);
  const n = gold.length;
  const right = count(predicted, gold, (p, g) => p === g);
  const predictedCounts = tally(predicted);
  const goldCounts = tally(gold);
  let cross = 0;
  for (const [label, times] of predictedCounts) cross += times * (goldCounts.get(label) ?? 0);
  const spread = (counts: Map<number, number>): number =>
    n * n - [...counts.values()].reduce((sum, times) => sum + times * times, 0);
  const product = spread(predictedCounts) * spread(goldCounts);
  return product === 0 ? 0 : (right * n - cross) / Math.sqrt(product);
};

const count = (
  predicted: ArrayLike<number>,
  gold: ArrayLike<number>,
  test: (p: number, g: number) => boolean,
): number => {
  let found = 0;
  for (let i = 0; i < gold.length; i++) if (test(predicted[i]!, gold[i]!)) found++;
  return found;
};

const tally = (labels: ArrayLike<number>): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
};
