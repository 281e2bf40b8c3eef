import { ndarray, type RowSource } from '@ntk-lens/core';
import type { LargeSplit } from '@ntk-lens/lens/stored';
import { pairKernel } from './figures.js';

/** Rows of the kernel of pairs of examples (`pairKernel`), `[n, m]`, made of those of a kernel when they are read. */
export const pairRows = ({ kernel, shape }: Pick<LargeSplit, 'kernel' | 'shape'>): RowSource => {
  const [n = 0, outputs = 0, m = 0] = shape;
  if (outputs === 1) return { shape: [n, m], read: kernel.read };
  let memory: Float64Array | undefined;
  return {
    shape: [n, m],
    read: async (from, count, into) => {
      const rows = await kernel.read(from * outputs, count * outputs, memory);
      if (!memory || rows.length > memory.length) memory = rows;
      const { data } = pairKernel(ndarray<'float64'>(rows, [count, outputs, m, outputs]));
      if (!into || into.length < data.length) return data;
      into.set(data);
      return into.subarray(0, data.length);
    },
  };
};

/** A square source, and its diagonal, which fills as rows are read. */
export const keepingDiagonal = (
  source: RowSource,
): { readonly source: RowSource; readonly diagonal: Float64Array } => {
  const [, columns] = source.shape;
  const diagonal = new Float64Array(columns);
  return {
    diagonal,
    source: {
      shape: source.shape,
      read: async (from, count, into) => {
        const data = await source.read(from, count, into);
        for (let k = 0; k < count; k++) diagonal[from + k] = data[k * columns + from + k]!;
        return data;
      },
    },
  };
};
