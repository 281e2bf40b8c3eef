import { defaultRunConfig } from '../../options/run-config.js';

/** Training examples of all labels together, from which more labels have fewer each. */
const TRAIN = 64;
/** Test examples of a file of one's own, and the product of them and the labels, from which more labels have fewer. */
const TEST = { most: 200, least: 100, timesLabels: 800 };

/** Sizes of a sample of a file of one's own. */
export interface SampleSizes {
  readonly shots: number;
  readonly test: number;
}

/**
 * The sample that is drawn from a file where no sizes are given. It has the usual shots, and at most 200 test examples. Both are
 * fewer with more than four labels, as the work grows with the square of their number; shots also where a label has not
 * enough examples.
 *
 * @param counts examples of each label
 */
export const usualSizes = (counts: readonly number[]): SampleSizes => {
  const labels = counts.length;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const least = Math.min(...counts);
  const [usual] = defaultRunConfig.shots as [number];
  const wanted = Math.min(usual, Math.max(4, Math.floor(TRAIN / labels)));
  const enough = least >= 2 * wanted && rows > 2 * wanted * labels;
  const shots = enough ? wanted : Math.max(1, Math.min(wanted, Math.floor(least / 3)));
  const test = Math.min(TEST.most, Math.max(TEST.least, Math.floor(TEST.timesLabels / labels)));
  return { shots, test };
};
