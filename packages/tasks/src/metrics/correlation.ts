import { checkPair } from './check-pair.js';

/**
 * Pearson's correlation. It is undefined where one side is constant; 0 is returned there, so that a constant prediction
 * never wins a selection.
 *
 * @example
 * ```ts
 * pearson([1, 2, 3], [2, 4, 7]); // 0.9933992677987828
 * ```
 * @param predicted scores
 * @param gold scores, as many
 * @returns a number from −1 to 1
 * @throws BadArgumentError if the lengths differ or are 0
 */
export const pearson = (predicted: ArrayLike<number>, gold: ArrayLike<number>): number => {
  checkPair(predicted, gold);
  const x = centred(predicted);
  const y = centred(gold);
  const scale = Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y));
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, dot(x, y) / scale));
};

/**
 * Spearman's rank correlation: Pearson's of the ranks, ties sharing their mean rank.
 *
 * @param predicted scores
 * @param gold scores, as many
 * @returns a number from −1 to 1; 0 where one side is constant
 * @throws BadArgumentError if the lengths differ or are 0
 */
export const spearman = (predicted: ArrayLike<number>, gold: ArrayLike<number>): number => {
  checkPair(predicted, gold);
  return pearson(ranks(predicted), ranks(gold));
};

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

const centred = (values: ArrayLike<number>): number[] => {
  const list = Array.from(values);
  if (list.every((value) => value === list[0])) return list.map(() => 0);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return list.map((value) => value - mean);
};

const ranks = (values: ArrayLike<number>): number[] => {
  const order = Array.from(values, (value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const result = new Array<number>(order.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end]!.value === order[start]!.value) end++;
    for (let k = start; k < end; k++) result[order[k]!.i] = (start + end + 1) / 2;
    start = end;
  }
  return result;
};
