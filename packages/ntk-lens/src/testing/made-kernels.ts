import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy, ndarray, npyHeader, writeWhole } from '@ntk-lens/core';

const [N, M] = [4300, 60];
const FEATURES = 7;

/** A budget in bytes that twice the arrays of {@link writeKernels} exceed, and in which the vectors of a solver fit. */
export const MEMORY_OF_MADE = '285MiB';

const noise = (seed: number): number => {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x) - 0.5;
};
const labelOf = (i: number): number => i % 2;
const features = (split: number, i: number): Float64Array =>
  Float64Array.from({ length: FEATURES }, (_, k) =>
    k === 0 ? labelOf(i) - 0.5 + 0.3 * noise(i + split) : noise(split * 1e5 + i * 31 + k) / (1 + k),
  );

/** Kernels of features, as another program leaves them: 4,300 training examples, 60 others, one output. */
export const writeKernels = async (directory: string): Promise<void> => {
  const rows = Array.from({ length: N }, (_, i) => features(0, i));
  for (const [split, name, m] of [
    [0, 'train', N],
    [1, 'dev', M],
    [2, 'test', M],
  ] as const) {
    const columns = split === 0 ? rows : Array.from({ length: m }, (_, j) => features(split, j));
    await writeWhole(join(directory, `${name}.npy`), async (append) => {
      await append(npyHeader('float64', [N, 1, m, 1]));
      for (const [i, row] of rows.entries()) {
        const values = new Float64Array(m);
        for (let j = 0; j < m; j++)
          for (let k = 0; k < FEATURES; k++) values[j]! += row[k]! * columns[j]![k]!;
        // A spectrum without an end: iterations take a while.
        if (split === 0) values[i]! += 0.02 * (1 + noise(i));
        await append(new Uint8Array(values.buffer));
      }
    });
    const labels = Int32Array.from({ length: m }, (_, i) => labelOf(i));
    await writeFile(join(directory, `${name}_labels.npy`), encodeNpy(ndarray<'int32'>(labels, [m])));
  }
};
