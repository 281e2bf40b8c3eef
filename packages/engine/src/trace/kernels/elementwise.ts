import { sameShape } from '@ntk-lens/core';
import type { GraphDType, GraphNode } from '../graph.js';
import type { Traced } from '../recorder.js';
import { broadcast } from '../shapes.js';
import { emitLike, type KernelRecords, type RecordKernel } from './record.js';

const arithmetic = [
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference'],
];
const comparison = [
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
  ...['LogicalAnd', 'LogicalOr'],
];
const unary = [
  ...['Neg', 'Exp', 'Log', 'Log1p', 'Expm1', 'Sqrt', 'Rsqrt', 'Square', 'Tanh', 'Erf', 'Sigmoid', 'Relu'],
  ...['Abs', 'Sign', 'Reciprocal', 'Softplus', 'Sin', 'Cos', 'Floor', 'Ceil', 'Round'],
];

/** The operand that leaves the other as it is: on the right for all of these, on the left where they commute. */
const neutral: { readonly [op: string]: number } = { Add: 0, Sub: 0, Multiply: 1, RealDiv: 1 };
const commutes = new Set(['Add', 'Multiply']);

const isFill = (node: GraphNode, value: number | undefined): boolean =>
  node.op === 'Fill' && node.attrs['value'] === value;

/** Records a binary operation, leaving out additions of 0 and multiplications by 1. */
const binary = (op: string, dtype?: GraphDType): RecordKernel => {
  return (r, [a, b]) => {
    const [x, y] = [r.nodeOf(a!), r.nodeOf(b!)];
    const shape = broadcast(x.shape, y.shape);
    if (op in neutral) {
      if (isFill(y, neutral[op]) && sameShape(shape, x.shape)) return r.wrap(x.id);
      if (commutes.has(op) && isFill(x, neutral[op]) && sameShape(shape, y.shape)) return r.wrap(y.id);
    }
    return emitLike(r, op, x, { inputs: [x.id, y.id], shape, dtype: dtype ?? x.dtype });
  };
};

const add = binary('Add');

/** Operations that treat each element by itself. */
export const elementwiseKernels: KernelRecords = {
  ...Object.fromEntries(arithmetic.map((op) => [op, binary(op)])),
  ...Object.fromEntries(comparison.map((op) => [op, binary(op, 'bool')])),
  ...Object.fromEntries(
    unary.map((op): [string, RecordKernel] => [op, (r, [x]) => emitLike(r, op, r.nodeOf(x!))]),
  ),
  // tfjs returns integers here, for floats, too.
  FloorDiv: binary('FloorDiv', 'int32'),
  LogicalNot: (r, [x]) => emitLike(r, 'LogicalNot', r.nodeOf(x!), { dtype: 'bool' }),
  Step: (r, [x], { alpha = 0 }) => emitLike(r, 'Step', r.nodeOf(x!), { attrs: { alpha } }),
  ClipByValue: (r, [x], { clipValueMin, clipValueMax }) =>
    emitLike(r, 'ClipByValue', r.nodeOf(x!), { attrs: { clipValueMin, clipValueMax } }),
  Cast: (r, [x], attrs) => {
    const node = r.nodeOf(x!);
    const dtype = attrs['dtype'] as GraphDType;
    return node.dtype === dtype ? r.wrap(node.id) : emitLike(r, 'Cast', node, { dtype });
  },
  AddN: (r, inputs) => inputs.reduce((sum, x) => add(r, [sum, x], {}) as Traced),
  Select: (r, [condition, a, b]) => {
    const [test, x, y] = [r.nodeOf(condition!), r.nodeOf(a!), r.nodeOf(b!)];
    return emitLike(r, 'Select', x, { inputs: [test.id, x.id, y.id] });
  },
};
