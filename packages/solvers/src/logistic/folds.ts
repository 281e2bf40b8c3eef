/**
 * Stratified folds without shuffling, as scikit-learn's `StratifiedKFold`: classes are numbered by first appearance,
 * and each class's members go, in order, to folds of nearly equal share.
 *
 * @returns the test fold of each example
 */
export const stratifiedFolds = (labels: Int32Array, folds: number): Int32Array => {
  const order = Array.from(new Set(labels));
  const encoded = Array.from(labels, (label) => order.indexOf(label));
  const sorted = [...encoded].sort((a, b) => a - b);
  const testFold = new Int32Array(labels.length);
  for (const [k] of order.entries()) {
    const queue: number[] = [];
    for (let fold = 0; fold < folds; fold++) {
      for (let i = fold; i < sorted.length; i += folds) if (sorted[i] === k) queue.push(fold);
    }
    let next = 0;
    for (const [i, code] of encoded.entries()) if (code === k) testFold[i] = queue[next++]!;
  }
  return testFold;
};
