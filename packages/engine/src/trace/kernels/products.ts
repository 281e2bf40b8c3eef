import { matMulShape } from '../shapes.js';
import { emitLike, type KernelRecords } from './record.js';

/** Matrix products. */
export const productKernels: KernelRecords = {
  BatchMatMul: (r, [a, b], attrs) => {
    const [x, y] = [r.nodeOf(a!), r.nodeOf(b!)];
    const transposeA = Boolean(attrs['transposeA']);
    const transposeB = Boolean(attrs['transposeB']);
    return emitLike(r, 'BatchMatMul', x, {
      inputs: [x.id, y.id],
      attrs: { transposeA, transposeB },
      shape: matMulShape(x.shape, y.shape, transposeA, transposeB),
    });
  },
};
