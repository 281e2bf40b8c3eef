import { tf } from '@ntk-lens/engine';
import { type EmbeddingSite, rowOfDistance, usedShape } from '@ntk-lens/models';
import { type KernelSite, sumOf, type VectorLengths, type VectorRows } from './kernel-site.js';

/** The rows that examples of at most `padTo` tokens use. */
const usedRows = ({ ids, table }: EmbeddingSite, { padTo, firstPosition }: VectorLengths): VectorRows => {
  const [rows, width] = usedShape(table) as [number, number];
  if (ids === 'positions') return { row: firstPosition, rows: padTo, width };
  if (typeof ids === 'string') return { row: 0, rows, width };
  const row = rowOfDistance(1 - padTo, ids);
  return { row, rows: rowOfDistance(padTo - 1, ids) + 1 - row, width };
};

/**
 * ∂row_i = Σ_{t : id_t = i} b_t: rows of a large table of words; all of a small table, or the positions or distances in use.
 */
export const embedding: KernelSite<EmbeddingSite> = {
  form: ({ ids }) => (ids === 'ids' ? 'rows' : 'vector'),
  vectorRows: (site, _role, lengths) => usedRows(site, lengths),
  vector: (site, _role, b, a, lengths) => {
    const { ids } = site;
    const [n, length, width] = b.shape as [number, number, number];
    const { row, rows } = usedRows(site, lengths);
    if (ids === 'rows') return b.reshape([n, rows * width]);
    if (rows === 1) return b.sum(1);
    // Branches of one prompt count from the same position on, so two tokens can have one row.
    const numbers = row === 0 ? a.toInt() : a.toInt().sub(tf.scalar(row, 'int32'));
    const oneHot = tf.oneHot(numbers, rows).toFloat().reshape([n, length, rows]);
    return tf.matMul(oneHot, b, true).reshape([n, rows * width]);
  },
  // Row numbers are among the side inputs, but a program is given what a site read.
  needsActivation: ({ ids }) => ids !== 'ids' && ids !== 'rows',
  along: ({ ids: by }, { direction, activation }) => {
    const table = direction('table');
    if (!table || by === 'ids') return table ?? sumOf(undefined, undefined);
    if (by === 'rows') return table.expandDims(0);
    const ids = activation();
    return tf.gather(table, ids.flatten().toInt()).reshape([...ids.shape, table.shape[1]!]);
  },
};
