import type { GraphDType } from '../graph.js';
import { normalAxes } from '../shapes.js';
import { type Axes, emitLike, type KernelRecords } from './record.js';

/** Operations that choose elements by index. */
export const indexingKernels: KernelRecords = {
  GatherV2: (r, [x, indices], attrs) => {
    const [source, ids] = [r.nodeOf(x!), r.nodeOf(indices!)];
    if ((attrs['batchDims'] ?? 0) !== 0)
      throw new Error('Tracing gather with batchDims is not supported; use a one-hot product.');
    const axis = normalAxes((attrs['axis'] ?? 0) as Axes, source.shape.length)[0]!;
    const shape = [...source.shape.slice(0, axis), ...ids.shape, ...source.shape.slice(axis + 1)];
    return emitLike(r, 'GatherV2', source, { inputs: [source.id, ids.id], attrs: { axis }, shape });
  },
  UnsortedSegmentSum: (r, [x, ids], attrs) => {
    const [source, segments] = [r.nodeOf(x!), r.nodeOf(ids!)];
    return emitLike(r, 'UnsortedSegmentSum', source, {
      inputs: [source.id, segments.id],
      shape: [attrs['numSegments'] as number, ...source.shape.slice(1)],
    });
  },
  OneHot: (r, [indices], attrs) => {
    const node = r.nodeOf(indices!);
    const { depth, onValue = 1, offValue = 0 } = attrs as { [name: string]: number };
    return emitLike(r, 'OneHot', node, {
      attrs: { depth, onValue, offValue },
      shape: [...node.shape, depth!],
      dtype: (attrs['dtype'] ?? 'float32') as GraphDType,
    });
  },
};
