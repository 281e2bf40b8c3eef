import { tf } from '@ntk-lens/engine';

/** One token of a label word. */
export interface ReadToken {
  /** Label of the word. */
  readonly label: number;
  readonly token: number;
  /** Row of the logits that predicts the token. */
  readonly row: number;
}

const matrix = (rows: number, columns: number, at: readonly (readonly [number, number])[]): tf.Tensor2D => {
  const values = new Float32Array(rows * columns);
  for (const [row, column] of at) values[row * columns + column]! += 1;
  return tf.tensor2d(values, [rows, columns]);
};

/**
 * f_c = Σ log p(token) over the tokens of label c, under the softmax over the vocabulary in each token's row: `[n, C]`. The
 * derivative by the logits is written out, (δ − p) in the rows of the word: through gather it would not be one product.
 *
 * @param flat logits `[n, R · V]`
 */
export const sumLogProbabilities = (flat: tf.Tensor, reads: readonly ReadToken[]): tf.Tensor => {
  const labels = 1 + Math.max(...reads.map(({ label }) => label));
  const rows = 1 + Math.max(...reads.map(({ row }) => row));
  const [n] = flat.shape as [number];
  const size = flat.shape[1]! / rows;
  const ofLabel = () =>
    matrix(
      reads.length,
      labels,
      reads.map(({ label }, k) => [k, label]),
    );
  const rowsOfLabel = () =>
    matrix(
      labels,
      rows,
      reads.map(({ label, row }) => [label, row]),
    );
  const logarithms = (x: tf.Tensor) => tf.logSoftmax(x.reshape([n, rows, size]));
  return tf.customGrad((input, save) => {
    const source = input as tf.Tensor;
    (save as tf.GradSaveFunc)([source]);
    const each = logarithms(source);
    const read = reads.map(({ row, token }) => each.slice([0, row, token], [n, 1, 1]).reshape([n, 1]));
    return {
      value: tf.matMul(tf.concat(read, 1), ofLabel()),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const p = logarithms(saved[0]!).exp();
        const perRow = tf.matMul(dy as tf.Tensor2D, rowsOfLabel()).reshape([n, rows, 1]);
        // Cotangents of the tokens that are read, each in its row, against the one-hot rows of the vocabulary.
        const perToken = tf.matMul(dy as tf.Tensor2D, ofLabel(), false, true).reshape([n, 1, reads.length]);
        const placed = perToken.mul(
          matrix(
            rows,
            reads.length,
            reads.map(({ row }, k) => [row, k]),
          ).expandDims(0),
        );
        const tokens = tf.tensor1d(
          reads.map(({ token }) => token),
          'int32',
        );
        const oneHot = tf.oneHot(tokens, size).toFloat() as tf.Tensor2D;
        const delta = tf.matMul(placed.reshape([n * rows, reads.length]), oneHot).reshape([n, rows, size]);
        return delta.sub(p.mul(perRow)).reshape([n, rows * size]);
      },
    };
  })(flat);
};
