import type { Recorder, Traced } from '../recorder.js';
import { normalAxes, reduced } from '../shapes.js';
import { reshape } from './layout.js';
import { type Axes, emitLike, type KernelRecords, type RecordKernel } from './record.js';

const reduce =
  (op: string): RecordKernel =>
  (r, [x], attrs) => {
    // As in the kernels of tfjs, a mean of integers is a float.
    const source = op === 'Mean' ? toFloat(r, x!) : x!;
    const node = r.nodeOf(source);
    const axes = normalAxes((attrs['axis'] ?? attrs['reductionIndices']) as Axes, node.shape.length);
    const keepDims = Boolean(attrs['keepDims']);
    const shape = reduced(node.shape, axes, keepDims);
    if (axes.every((axis) => node.shape[axis] === 1)) return reshape(r, source, shape);
    return emitLike(r, op, node, { attrs: { axes, keepDims }, shape });
  };

const toFloat = (r: Recorder, x: Traced): Traced => {
  const node = r.nodeOf(x);
  return node.dtype === 'float32' ? x : emitLike(r, 'Cast', node, { dtype: 'float32' });
};

/** Operations that reduce or normalize along axes. */
export const reductionKernels: KernelRecords = {
  ...Object.fromEntries(['Sum', 'Mean', 'Max', 'Min', 'Prod'].map((op) => [op, reduce(op)])),
  Softmax: (r, [x]) => emitLike(r, 'Softmax', r.nodeOf(x!)),
  LogSoftmax: (r, [x]) => emitLike(r, 'LogSoftmax', r.nodeOf(x!)),
};
