import { tf } from '@ntk-lens/engine';
import { type EmbeddingSite, usedShape } from '@ntk-lens/models';
import { type KernelSite, sumOf } from './kernel-site.js';

/** ∂row_i = Σ_{t : id_t = i} b_t: rows of a large table of words; all of a small table, or the positions in use. */
export const embedding: KernelSite<EmbeddingSite> = {
  form: ({ ids }) => (ids === 'ids' ? 'rows' : 'vector'),
  vectorRows: ({ ids, table }, _role, { padTo, firstPosition }) => {
    const [rows, width] = usedShape(table) as [number, number];
    return ids === 'positions' ? { row: firstPosition, rows: padTo, width } : { row: 0, rows, width };
  },
  vector: ({ ids, table }, _role, b, a, { padTo, firstPosition }) => {
    const [n, length, width] = b.shape as [number, number, number];
    const summed = (numbers: tf.Tensor, rows: number) => {
      const oneHot = tf.oneHot(numbers.toInt(), rows).toFloat().reshape([n, length, rows]);
      return tf.matMul(oneHot, b, true).reshape([n, rows * width]);
    };
    // Branches of one prompt count from the same position on, so two tokens can have one row.
    if (ids === 'positions') return summed(a.sub(tf.scalar(firstPosition, 'int32')), padTo);
    const [rows] = usedShape(table) as [number];
    if (ids === 'rows') return b.reshape([n, rows * width]);
    return rows === 1 ? b.sum(1) : summed(a, rows);
  },
  // Row numbers are among the side inputs, but a program is given what a site read.
  needsActivation: ({ ids }) => ids === 'positions' || ids === 'types',
  along: ({ ids: by }, { direction, activation }) => {
    const table = direction('table');
    if (!table || by === 'ids') return table ?? sumOf(undefined, undefined);
    if (by === 'rows') return table.expandDims(0);
    const ids = activation();
    return tf.gather(table, ids.flatten().toInt()).reshape([...ids.shape, table.shape[1]!]);
  },
};
