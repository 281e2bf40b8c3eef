import { tf } from '@ntk-lens/engine';
import type { SiteContext, Tensors } from '@ntk-lens/models';

/** All rows of a table for each of n examples, `[n, rows, width]`, at an embedding site of ids `rows`. */
export const repeatRows = (context: SiteContext, weights: Tensors, site: string, n: number): tf.Tensor => {
  const table = weights[`${site}.table`]!;
  const [rows, width] = table.shape as [number, number];
  const ids = tf.tensor2d(
    Int32Array.from({ length: n * rows }, (_, i) => i % rows),
    [n, rows],
    'int32',
  );
  return context.site(site, ids, table.reshape([1, rows, width]).tile([n, 1, 1]));
};
