import { type OnnxDType, onnxDType } from '../model-proto.js';
import type { LoweringRule, LoweringRules } from './rule.js';

/** Operations that ONNX has under this name. */
const named: { readonly [op: string]: string } = {
  Add: 'Add',
  Sub: 'Sub',
  Multiply: 'Mul',
  RealDiv: 'Div',
  Pow: 'Pow',
  Maximum: 'Max',
  Minimum: 'Min',
  Equal: 'Equal',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  LogicalAnd: 'And',
  LogicalOr: 'Or',
  LogicalNot: 'Not',
  Neg: 'Neg',
  Exp: 'Exp',
  Log: 'Log',
  Sqrt: 'Sqrt',
  Tanh: 'Tanh',
  Erf: 'Erf',
  Sigmoid: 'Sigmoid',
  Relu: 'Relu',
  Abs: 'Abs',
  Sign: 'Sign',
  Reciprocal: 'Reciprocal',
  Softplus: 'Softplus',
  Sin: 'Sin',
  Cos: 'Cos',
  Floor: 'Floor',
  Ceil: 'Ceil',
  Round: 'Round',
  Select: 'Where',
};

/** Rounds towards −∞; ONNX's own integer division rounds towards 0. */
const floorDiv: LoweringRule = (_, { emit, inputs: [a, b], inputNodes: [x], constant }) => {
  const quotient = emit('Div', [a!, b!]);
  if (x!.dtype === 'float32') return emit('Cast', [emit('Floor', [quotient])], { to: onnxDType.int32 });
  const zero = constant([0], 'int32', []);
  const rest = emit('Sub', [a!, emit('Mul', [quotient, b!])]);
  const signsDiffer = emit('Xor', [emit('Less', [rest, zero]), emit('Less', [b!, zero])]);
  const inexact = emit('And', [emit('Not', [emit('Equal', [rest, zero])]), signsDiffer]);
  return emit('Where', [inexact, emit('Sub', [quotient, constant([1], 'int32', [])]), quotient]);
};

/** Rules for operations that treat each element by itself. */
export const elementwiseRules: LoweringRules = {
  ...Object.fromEntries(
    Object.entries(named).map(([op, onnx]): [string, LoweringRule] => [
      op,
      (_, { emit, inputs }) => emit(onnx, inputs),
    ]),
  ),
  FloorDiv: floorDiv,
  NotEqual: (_, { emit, inputs }) => emit('Not', [emit('Equal', inputs)]),
  Square: (_, { emit, inputs: [x] }) => emit('Mul', [x!, x!]),
  Rsqrt: (_, { emit, inputs }) => emit('Reciprocal', [emit('Sqrt', inputs)]),
  // log(u)·x/(u − 1) with u = 1 + x: the rounding error of u cancels (Kahan).
  Log1p: (_, { emit, inputs: [x], constant }) => {
    const one = constant([1], 'float32', []);
    const u = emit('Add', [x!, one]);
    const value = emit('Mul', [emit('Log', [u]), emit('Div', [x!, emit('Sub', [u, one])])]);
    return emit('Where', [emit('Equal', [u, one]), x!, value]);
  },
  // tanh(x/2)·(eˣ + 1), which does not cancel near 0.
  Expm1: (_, { emit, inputs: [x], constant }) => {
    const half = emit('Mul', [x!, constant([0.5], 'float32', [])]);
    const plus = emit('Add', [emit('Exp', [x!]), constant([1], 'float32', [])]);
    return emit('Mul', [emit('Tanh', [half]), plus]);
  },
  SquaredDifference: (_, { emit, inputs }) => {
    const d = emit('Sub', inputs);
    return emit('Mul', [d, d]);
  },
  Step: (node, { emit, inputs: [x], constant }) => {
    const dtype = node.dtype as OnnxDType;
    const positive = emit('Greater', [x!, constant([0], dtype, [])]);
    return emit('Where', [
      positive,
      constant([1], dtype, []),
      constant([Number(node.attrs['alpha'])], dtype, []),
    ]);
  },
  ClipByValue: (node, { emit, inputs: [x], constant }) => {
    const dtype = node.dtype as OnnxDType;
    const [low, high] = [Number(node.attrs['clipValueMin']), Number(node.attrs['clipValueMax'])];
    return emit('Clip', [x!, constant([low], dtype, []), constant([high], dtype, [])]);
  },
  Cast: (node, { emit, inputs }) => emit('Cast', inputs, { to: onnxDType[node.dtype] }),
};
