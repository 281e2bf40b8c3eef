import * as tf from '@tensorflow/tfjs';
import type { GraphDType, GraphNode } from './graph.js';
import { type Recorder, TRACER_BACKEND, type Traced, theRecorder } from './recorder.js';
import { broadcast, matMulShape, normalAxes, reduced } from './shapes.js';

/** How one tfjs kernel is recorded. */
type Record = (r: Recorder, inputs: readonly Traced[], attrs: Attrs) => Traced | Traced[];
type Axes = number | readonly number[] | undefined;
type Attrs = { readonly [name: string]: unknown };

const arithmetic = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference'];
const comparison = [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
];
const unary = [
  ...[
    'Neg',
    'Exp',
    'Log',
    'Log1p',
    'Expm1',
    'Sqrt',
    'Rsqrt',
    'Square',
    'Tanh',
    'Erf',
    'Sigmoid',
    'Relu',
    'Abs',
  ],
  ...['Sign', 'Reciprocal', 'Softplus', 'Sin', 'Cos', 'Floor', 'Ceil', 'Round'],
];
const reductions = ['Sum', 'Mean', 'Max', 'Min', 'Prod'];

const isFill = (node: GraphNode, value: number): boolean =>
  node.op === 'Fill' && node.attrs['value'] === value;
const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Records a binary operation, leaving out additions of 0 and multiplications by 1. */
const binary = (op: string, dtype?: GraphDType): Record => {
  return (r, [a, b]) => {
    const [x, y] = [r.nodeOf(a!), r.nodeOf(b!)];
    const shape = broadcast(x.shape, y.shape);
    const neutral = op === 'Add' || op === 'Sub' ? 0 : op === 'Multiply' || op === 'RealDiv' ? 1 : undefined;
    if (neutral !== undefined && isFill(y, neutral) && sameShape(shape, x.shape)) return r.wrap(x.id);
    if (
      op !== 'Sub' &&
      op !== 'RealDiv' &&
      neutral !== undefined &&
      isFill(x, neutral) &&
      sameShape(shape, y.shape)
    ) {
      return r.wrap(y.id);
    }
    return r.emit({ op, inputs: [x.id, y.id], attrs: {}, shape, dtype: dtype ?? x.dtype });
  };
};

const reshape = (r: Recorder, x: Traced, shape: readonly number[]): Traced => {
  const node = r.nodeOf(x);
  if (sameShape(node.shape, shape)) return r.wrap(node.id);
  // A constant of equal elements has no layout, and of two reshapes only the last one counts.
  if (node.op === 'Fill') return r.emit({ ...node, shape: [...shape] });
  const source = node.op === 'Reshape' ? r.graph.node(node.inputs[0]!) : node;
  if (sameShape(source.shape, shape)) return r.wrap(source.id);
  return r.emit({ op: 'Reshape', inputs: [source.id], attrs: {}, shape: [...shape], dtype: node.dtype });
};

const slice = (r: Recorder, x: Traced, begin: readonly number[], size: readonly number[]): Traced => {
  const node = r.nodeOf(x);
  const shape = size.map((n, i) => (n === -1 ? node.shape[i]! - begin[i]! : n));
  if (sameShape(shape, node.shape)) return r.wrap(node.id);
  return r.emit({ op: 'Slice', inputs: [node.id], attrs: { begin: [...begin] }, shape, dtype: node.dtype });
};

const sliceAxis = (r: Recorder, x: Traced, axis: number, start: number, length: number): Traced =>
  slice(
    r,
    x,
    x.shape.map((_, i) => (i === axis ? start : 0)),
    x.shape.map((n, i) => (i === axis ? length : n)),
  );

const concat = (r: Recorder, inputs: readonly Traced[], axis: number): Traced => {
  const nodes = inputs.map((x) => r.nodeOf(x)).filter((node) => !node.shape.includes(0));
  const at = axis < 0 ? axis + nodes[0]!.shape.length : axis;
  if (nodes.length === 1) return r.wrap(nodes[0]!.id);
  const length = nodes.reduce((sum, node) => sum + node.shape[at]!, 0);
  const shape = nodes[0]!.shape.map((n, i) => (i === at ? length : n));
  return r.emit({
    op: 'Concat',
    inputs: nodes.map((n) => n.id),
    attrs: { axis: at },
    shape,
    dtype: nodes[0]!.dtype,
  });
};

const records: { readonly [kernel: string]: Record } = {
  ...Object.fromEntries(arithmetic.map((op) => [op, binary(op)])),
  ...Object.fromEntries(comparison.map((op) => [op, binary(op, 'bool')])),
  ...Object.fromEntries(
    unary.map((op): [string, Record] => [
      op,
      (r, [x]) => {
        const node = r.nodeOf(x!);
        return r.emit({ op, inputs: [node.id], attrs: {}, shape: node.shape, dtype: node.dtype });
      },
    ]),
  ),
  ...Object.fromEntries(
    reductions.map((op): [string, Record] => [
      op,
      (r, [x], attrs) => {
        const node = r.nodeOf(x!);
        const axes = normalAxes((attrs['axis'] ?? attrs['reductionIndices']) as Axes, node.shape.length);
        const shape = reduced(node.shape, axes, Boolean(attrs['keepDims']));
        const attributes = { axes, keepDims: Boolean(attrs['keepDims']) };
        if (axes.every((axis) => node.shape[axis] === 1)) return reshape(r, x!, shape);
        return r.emit({ op, inputs: [node.id], attrs: attributes, shape, dtype: node.dtype });
      },
    ]),
  ),
  LogicalNot: (r, [x]) => {
    const node = r.nodeOf(x!);
    return r.emit({ op: 'LogicalNot', inputs: [node.id], attrs: {}, shape: node.shape, dtype: 'bool' });
  },
  Step: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    return r.emit({
      op: 'Step',
      inputs: [node.id],
      attrs: { alpha: attrs['alpha'] ?? 0 },
      shape: node.shape,
      dtype: node.dtype,
    });
  },
  ClipByValue: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const { clipValueMin, clipValueMax } = attrs;
    return r.emit({
      op: 'ClipByValue',
      inputs: [node.id],
      attrs: { clipValueMin, clipValueMax },
      shape: node.shape,
      dtype: node.dtype,
    });
  },
  Identity: (r, [x]) => r.wrap(r.nodeOf(x!).id),
  Cast: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const dtype = attrs['dtype'] as GraphDType;
    if (node.dtype === dtype) return r.wrap(node.id);
    return r.emit({ op: 'Cast', inputs: [node.id], attrs: {}, shape: node.shape, dtype });
  },
  AddN: (r, inputs) => inputs.reduce((sum, x) => binary('Add')(r, [sum, x], {}) as Traced),
  Fill: (r, _inputs, attrs) => {
    const dtype = (attrs['dtype'] ?? 'float32') as GraphDType;
    return r.emit({
      op: 'Fill',
      inputs: [],
      attrs: { value: Number(attrs['value']) },
      shape: attrs['shape'] as number[],
      dtype,
    });
  },
  ZerosLike: (r, [x]) => fillLike(r, x!, 0),
  OnesLike: (r, [x]) => fillLike(r, x!, 1),
  Reshape: (r, [x], attrs) => reshape(r, x!, attrs['shape'] as number[]),
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
    const shape = perm.map((p) => node.shape[p]!);
    return r.emit({
      op: 'Transpose',
      inputs: [node.id],
      attrs: { perm: [...perm] },
      shape,
      dtype: node.dtype,
    });
  },
  Tile: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const reps = attrs['reps'] as readonly number[];
    if (reps.every((n) => n === 1)) return r.wrap(node.id);
    const shape = node.shape.map((n, i) => n * reps[i]!);
    if (node.op === 'Fill') return r.emit({ ...node, shape });
    return r.emit({ op: 'Tile', inputs: [node.id], attrs: { reps: [...reps] }, shape, dtype: node.dtype });
  },
  BroadcastTo: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    return r.emit({
      op: 'BroadcastTo',
      inputs: [node.id],
      attrs: {},
      shape: attrs['shape'] as number[],
      dtype: node.dtype,
    });
  },
  Slice: (r, [x], attrs) => slice(r, x!, attrs['begin'] as number[], attrs['size'] as number[]),
  SplitV: (r, [x], attrs) => {
    const axis = normalAxes((attrs['axis'] ?? 0) as Axes, x!.shape.length)[0]!;
    const sizes = splitSizes(attrs['numOrSizeSplits'] as number | number[], x!.shape[axis]!);
    let start = 0;
    return sizes.map((size) => sliceAxis(r, x!, axis, (start += size) - size, size));
  },
  Unpack: (r, [x], attrs) => {
    const axis = normalAxes((attrs['axis'] ?? 0) as Axes, x!.shape.length)[0]!;
    const rest = x!.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x!.shape[axis]! }, (_, i) => reshape(r, sliceAxis(r, x!, axis, i, 1), rest));
  },
  Pack: (r, inputs, attrs) => {
    const axis = normalAxes((attrs['axis'] ?? 0) as Axes, inputs[0]!.shape.length + 1)[0]!;
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
    const shape = node.shape.map((n, i) => n + paddings[i]![0] + paddings[i]![1]);
    const value = attrs['constantValue'] ?? 0;
    return r.emit({ op: 'PadV2', inputs: [node.id], attrs: { paddings, value }, shape, dtype: node.dtype });
  },
  GatherV2: (r, [x, indices], attrs) => {
    const [source, ids] = [r.nodeOf(x!), r.nodeOf(indices!)];
    if ((attrs['batchDims'] ?? 0) !== 0)
      throw new Error('Tracing gather with batchDims is not supported; use a one-hot product.');
    const axis = normalAxes((attrs['axis'] ?? 0) as Axes, source.shape.length)[0]!;
    const shape = [...source.shape.slice(0, axis), ...ids.shape, ...source.shape.slice(axis + 1)];
    return r.emit({
      op: 'GatherV2',
      inputs: [source.id, ids.id],
      attrs: { axis },
      shape,
      dtype: source.dtype,
    });
  },
  UnsortedSegmentSum: (r, [x, ids], attrs) => {
    const [source, segments] = [r.nodeOf(x!), r.nodeOf(ids!)];
    const shape = [attrs['numSegments'] as number, ...source.shape.slice(1)];
    return r.emit({
      op: 'UnsortedSegmentSum',
      inputs: [source.id, segments.id],
      attrs: {},
      shape,
      dtype: source.dtype,
    });
  },
  OneHot: (r, [indices], attrs) => {
    const node = r.nodeOf(indices!);
    const {
      depth,
      onValue = 1,
      offValue = 0,
    } = attrs as { depth: number; onValue?: number; offValue?: number };
    const dtype = (attrs['dtype'] ?? 'float32') as GraphDType;
    return r.emit({
      op: 'OneHot',
      inputs: [node.id],
      attrs: { depth, onValue, offValue },
      shape: [...node.shape, depth],
      dtype,
    });
  },
  Select: (r, [condition, a, b]) => {
    const nodes = [r.nodeOf(condition!), r.nodeOf(a!), r.nodeOf(b!)];
    return r.emit({
      op: 'Select',
      inputs: nodes.map((n) => n.id),
      attrs: {},
      shape: nodes[1]!.shape,
      dtype: nodes[1]!.dtype,
    });
  },
  Softmax: (r, [x]) => {
    const node = r.nodeOf(x!);
    return r.emit({ op: 'Softmax', inputs: [node.id], attrs: {}, shape: node.shape, dtype: node.dtype });
  },
  LogSoftmax: (r, [x]) => {
    const node = r.nodeOf(x!);
    return r.emit({ op: 'LogSoftmax', inputs: [node.id], attrs: {}, shape: node.shape, dtype: node.dtype });
  },
  BatchMatMul: (r, [a, b], attrs) => {
    const [x, y] = [r.nodeOf(a!), r.nodeOf(b!)];
    const transposeA = Boolean(attrs['transposeA']);
    const transposeB = Boolean(attrs['transposeB']);
    const shape = matMulShape(x.shape, y.shape, transposeA, transposeB);
    return r.emit({
      op: 'BatchMatMul',
      inputs: [x.id, y.id],
      attrs: { transposeA, transposeB },
      shape,
      dtype: x.dtype,
    });
  },
};

const fillLike = (r: Recorder, x: Traced, value: number): Traced => {
  const node = r.nodeOf(x);
  return r.emit({ op: 'Fill', inputs: [], attrs: { value }, shape: node.shape, dtype: node.dtype });
};

const splitSizes = (split: number | readonly number[], length: number): number[] => {
  if (typeof split === 'number') return Array.from({ length: split }, () => length / split);
  const rest = length - split.reduce((sum, n) => sum + Math.max(n, 0), 0);
  return split.map((n) => (n === -1 ? rest : n));
};

/** Input names in the order of the `records` functions, where tfjs passes several. */
const inputOrder: { readonly [kernel: string]: readonly string[] } = {
  GatherV2: ['x', 'indices'],
  UnsortedSegmentSum: ['x', 'segmentIds'],
  Select: ['condition', 't', 'e'],
};

let registered = false;

/** Registers the recording kernels with tfjs; does nothing the second time. */
export const registerTraceKernels = (): void => {
  if (registered) return;
  registered = true;
  theRecorder();
  for (const [kernelName, record] of Object.entries(records)) {
    const names = inputOrder[kernelName];
    tf.registerKernel({
      kernelName,
      backendName: TRACER_BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const values = names ? names.map((name) => inputs[name]) : Object.values(inputs);
        return record(backend as Recorder, values as Traced[], (attrs ?? {}) as Attrs);
      },
    });
  }
};
