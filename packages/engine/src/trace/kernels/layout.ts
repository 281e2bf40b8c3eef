import { sameShape, sizeOf } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import type { GraphDType } from '../graph.js';
import type { Recorder, Traced } from '../recorder.js';
import { normalAxes } from '../shapes.js';
import { type Axes, emitFill, emitLike, type KernelRecords } from './record.js';

/** Records a reshape; none when nothing changes, and of several in a row only the last. */
export const reshape = (r: Recorder, x: Traced, shape: readonly number[]): Traced => {
  const node = r.nodeOf(x);
  if (sameShape(node.shape, shape)) return r.wrap(node.id);
  // A constant of equal elements has no layout.
  if (node.op === 'Fill') return emitFill(r, Number(node.attrs['value']), shape, node.dtype);
  const source = node.op === 'Reshape' ? r.graph.node(node.inputs[0]!) : node;
  if (sameShape(source.shape, shape)) return r.wrap(source.id);
  return emitLike(r, 'Reshape', source, { shape: [...shape] });
};

const slice = (r: Recorder, x: Traced, begin: readonly number[], size: readonly number[]): Traced => {
  const node = r.nodeOf(x);
  if (sameShape(size, node.shape)) return r.wrap(node.id);
  if (node.op === 'Fill') return emitFill(r, Number(node.attrs['value']), size, node.dtype);
  return emitLike(r, 'Slice', node, { attrs: { begin: [...begin] }, shape: [...size] });
};

const sliceAxis = (r: Recorder, x: Traced, axis: number, start: number, length: number): Traced =>
  slice(
    r,
    x,
    x.shape.map((_, i) => (i === axis ? start : 0)),
    x.shape.map((n, i) => (i === axis ? length : n)),
  );

const concat = (r: Recorder, inputs: readonly Traced[], axis: number): Traced => {
  const all = inputs.map((x) => r.nodeOf(x));
  const nodes = all.filter((node) => !node.shape.includes(0));
  const [first] = nodes.length > 0 ? nodes : all;
  if (nodes.length < 2) return r.wrap(first!.id);
  const at = axis < 0 ? axis + first!.shape.length : axis;
  const length = nodes.reduce((sum, node) => sum + node.shape[at]!, 0);
  const shape = first!.shape.map((n, i) => (i === at ? length : n));
  return emitLike(r, 'Concat', first!, { inputs: nodes.map((node) => node.id), attrs: { axis: at }, shape });
};

const fillLike = (r: Recorder, x: Traced, value: number): Traced => {
  const node = r.nodeOf(x);
  return emitFill(r, value, node.shape, node.dtype);
};

const splitSizes = (split: number | readonly number[], length: number): number[] => {
  if (typeof split === 'number') return Array.from({ length: split }, () => length / split);
  const rest = length - split.reduce((sum, n) => sum + Math.max(n, 0), 0);
  return split.map((n) => (n === -1 ? rest : n));
};

const axisOf = (attrs: { readonly [name: string]: unknown }, rank: number): number =>
  normalAxes((attrs['axis'] ?? 0) as Axes, rank)[0]!;

/** Operations that make, move or repeat elements without computing with them. */
export const layoutKernels: KernelRecords = {
  Identity: (r, [x]) => r.wrap(r.nodeOf(x!).id),
  Fill: (r, _inputs, attrs) =>
    emitFill(
      r,
      Number(attrs['value']),
      attrs['shape'] as number[],
      (attrs['dtype'] ?? 'float32') as GraphDType,
    ),
  ZerosLike: (r, [x]) => fillLike(r, x!, 0),
  OnesLike: (r, [x]) => fillLike(r, x!, 1),
  Reshape: (r, [x], attrs) =>
    reshape(r, x!, tf.util.inferFromImplicitShape(attrs['shape'] as number[], sizeOf(x!.shape))),
  ExpandDims: (r, [x], attrs) => {
    const rank = x!.shape.length;
    const dim = attrs['dim'] as number;
    const at = dim < 0 ? rank + 1 + dim : dim;
    return reshape(r, x!, [...x!.shape.slice(0, at), 1, ...x!.shape.slice(at)]);
  },
  Transpose: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const perm = attrs['perm'] as readonly number[];
    if (perm.every((p, i) => p === i)) return r.wrap(node.id);
    return emitLike(r, 'Transpose', node, {
      attrs: { perm: [...perm] },
      shape: perm.map((p) => node.shape[p]!),
    });
  },
  Reverse: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const axes = normalAxes(attrs['dims'] as Axes, node.shape.length).filter((axis) => node.shape[axis]! > 1);
    return axes.length === 0 ? r.wrap(node.id) : emitLike(r, 'Reverse', node, { attrs: { axes } });
  },
  Tile: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const reps = attrs['reps'] as readonly number[];
    if (reps.every((n) => n === 1)) return r.wrap(node.id);
    const shape = node.shape.map((n, i) => n * reps[i]!);
    if (node.op === 'Fill') return emitFill(r, Number(node.attrs['value']), shape, node.dtype);
    return emitLike(r, 'Tile', node, { attrs: { reps: [...reps] }, shape });
  },
  BroadcastTo: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const shape = attrs['shape'] as number[];
    if (sameShape(shape, node.shape)) return r.wrap(node.id);
    if (node.op === 'Fill') return emitFill(r, Number(node.attrs['value']), shape, node.dtype);
    return emitLike(r, 'BroadcastTo', node, { shape });
  },
  Slice: (r, [x], attrs) => {
    const { begin: from, size: count } = attrs as { begin: number | number[]; size: number | number[] };
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, from, count);
    return slice(r, x!, begin!, size!);
  },
  SplitV: (r, [x], attrs) => {
    const axis = axisOf(attrs, x!.shape.length);
    const sizes = splitSizes(attrs['numOrSizeSplits'] as number | number[], x!.shape[axis]!);
    let start = 0;
    return sizes.map((size) => sliceAxis(r, x!, axis, (start += size) - size, size));
  },
  Unpack: (r, [x], attrs) => {
    const axis = axisOf(attrs, x!.shape.length);
    const rest = x!.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x!.shape[axis]! }, (_, i) => reshape(r, sliceAxis(r, x!, axis, i, 1), rest));
  },
  Pack: (r, inputs, attrs) => {
    const axis = axisOf(attrs, inputs[0]!.shape.length + 1);
    const shape = [...inputs[0]!.shape.slice(0, axis), 1, ...inputs[0]!.shape.slice(axis)];
    return concat(
      r,
      inputs.map((x) => reshape(r, x, shape)),
      axis,
    );
  },
  Concat: (r, inputs, attrs) => concat(r, inputs, (attrs['axis'] ?? 0) as number),
  PadV2: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const paddings = attrs['paddings'] as readonly (readonly [number, number])[];
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return r.wrap(node.id);
    const shape = node.shape.map((n, i) => n + paddings[i]![0] + paddings[i]![1]);
    return emitLike(r, 'PadV2', node, { attrs: { paddings, value: attrs['constantValue'] ?? 0 }, shape });
  },
};
