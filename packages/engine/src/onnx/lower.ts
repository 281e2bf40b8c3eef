import type { Graph, GraphNode } from '../trace/graph.js';
import {
  type OnnxAttribute,
  type OnnxDType,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  OPSET,
  onnxDType,
} from './model-proto.js';

/** What a lowering rule can do: refer to inputs, add constants and add ONNX nodes. */
export interface LoweringContext {
  readonly graph: Graph;
  /** Names of the node's inputs in the ONNX graph. */
  readonly inputs: readonly string[];
  /** Nodes of the inputs. */
  readonly inputNodes: readonly GraphNode[];
  /** Adds an int64 vector constant (shapes, axes). */
  ints(values: readonly number[]): string;
  /** Adds a constant; `values` are written as `dtype`. */
  constant(values: readonly number[], dtype: OnnxDType, shape: readonly number[]): string;
  /** Adds a node with one output and returns the output's name. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes?: Record<string, OnnxAttribute>,
    domain?: string,
  ): string;
}

/** Turns one traced operation into ONNX nodes and returns the name of its value. */
export type LoweringRule = (node: GraphNode, context: LoweringContext) => string;

const named =
  (op: string): LoweringRule =>
  (_, { emit, inputs }) =>
    emit(op, inputs);

const elementwise: { readonly [op: string]: string } = {
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

const reduceOps: { readonly [op: string]: string } = {
  Sum: 'ReduceSum',
  Mean: 'ReduceMean',
  Max: 'ReduceMax',
  Min: 'ReduceMin',
  Prod: 'ReduceProd',
};

const swapLast = (rank: number): number[] => [
  ...Array.from({ length: rank - 2 }, (_, i) => i),
  rank - 1,
  rank - 2,
];

const rules: { [op: string]: LoweringRule } = {
  ...Object.fromEntries(Object.entries(elementwise).map(([op, onnx]) => [op, named(onnx)])),
  ...Object.fromEntries(
    Object.entries(reduceOps).map(([op, onnx]): [string, LoweringRule] => [
      op,
      (node, { emit, inputs, ints }) => {
        const axes = node.attrs['axes'] as readonly number[];
        return emit(onnx, [inputs[0]!, ints(axes)], { keepdims: node.attrs['keepDims'] ? 1 : 0 });
      },
    ]),
  ),
  NotEqual: (_, { emit, inputs }) => emit('Not', [emit('Equal', inputs)]),
  Square: (_, { emit, inputs: [x] }) => emit('Mul', [x!, x!]),
  Rsqrt: (_, { emit, inputs }) => emit('Reciprocal', [emit('Sqrt', inputs)]),
  Log1p: (_, { emit, inputs: [x], constant }) =>
    emit('Log', [emit('Add', [x!, constant([1], 'float32', [])])]),
  Expm1: (_, { emit, inputs: [x], constant }) =>
    emit('Sub', [emit('Exp', [x!]), constant([1], 'float32', [])]),
  SquaredDifference: (_, { emit, inputs }) => {
    const d = emit('Sub', inputs);
    return emit('Mul', [d, d]);
  },
  Step: (node, { emit, inputs: [x], constant }) => {
    const positive = emit('Greater', [x!, constant([0], 'float32', [])]);
    return emit('Where', [
      positive,
      constant([1], 'float32', []),
      constant([Number(node.attrs['alpha'])], 'float32', []),
    ]);
  },
  ClipByValue: (node, { emit, inputs: [x], constant }) => {
    const [low, high] = [Number(node.attrs['clipValueMin']), Number(node.attrs['clipValueMax'])];
    return emit('Clip', [x!, constant([low], 'float32', []), constant([high], 'float32', [])]);
  },
  Cast: (node, { emit, inputs }) => emit('Cast', inputs, { to: onnxDType[node.dtype] }),
  Reshape: (node, { emit, inputs: [x], ints }) => emit('Reshape', [x!, ints(node.shape)]),
  BroadcastTo: (node, { emit, inputs: [x], ints }) => emit('Expand', [x!, ints(node.shape)]),
  Transpose: (node, { emit, inputs }) => emit('Transpose', inputs, { perm: node.attrs['perm'] as number[] }),
  Tile: (node, { emit, inputs: [x], ints }) => emit('Tile', [x!, ints(node.attrs['reps'] as number[])]),
  Concat: (node, { emit, inputs }) => emit('Concat', inputs, { axis: node.attrs['axis'] as number }),
  Slice: (node, { emit, inputs: [x], inputNodes: [source], ints }) => {
    const begin = node.attrs['begin'] as readonly number[];
    const axes = begin.map((_, axis) => axis).filter((axis) => node.shape[axis] !== source!.shape[axis]);
    const starts = axes.map((axis) => begin[axis]!);
    const ends = axes.map((axis) => begin[axis]! + node.shape[axis]!);
    return emit('Slice', [x!, ints(starts), ints(ends), ints(axes)]);
  },
  PadV2: (node, { emit, inputs: [x], ints, constant }) => {
    const paddings = node.attrs['paddings'] as readonly (readonly [number, number])[];
    const pads = [...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])];
    const value = constant([Number(node.attrs['value'])], node.dtype as OnnxDType, []);
    return emit('Pad', [x!, ints(pads), value]);
  },
  GatherV2: (node, { emit, inputs }) => emit('Gather', inputs, { axis: node.attrs['axis'] as number }),
  UnsortedSegmentSum: (node, { emit, inputs: [x, ids], inputNodes: [, segments], ints, constant }) => {
    const zeros = emit('Expand', [constant([0], 'float32', []), ints(node.shape)]);
    const indices = emit('Reshape', [emit('Cast', [ids!], { to: 7 }), ints([...segments!.shape, 1])]);
    return emit('ScatterND', [zeros, indices, x!], { reduction: 'add' });
  },
  OneHot: (node, { emit, inputs: [indices], inputNodes: [source], ints, constant }) => {
    const { depth, onValue, offValue } = node.attrs as { depth: number; onValue: number; offValue: number };
    const column = emit('Reshape', [indices!, ints([...source!.shape, 1])]);
    const numbers = constant(
      Array.from({ length: depth }, (_, i) => i),
      'int32',
      [depth],
    );
    const dtype = node.dtype as OnnxDType;
    return emit('Where', [
      emit('Equal', [column, numbers]),
      constant([onValue], dtype, []),
      constant([offValue], dtype, []),
    ]);
  },
  Softmax: (_, { emit, inputs }) => emit('Softmax', inputs, { axis: -1 }),
  LogSoftmax: (_, { emit, inputs }) => emit('LogSoftmax', inputs, { axis: -1 }),
  BatchMatMul: (node, { emit, inputs: [a, b], inputNodes: [x, y] }) => {
    const [transA, transB] = [node.attrs['transposeA'] ? 1 : 0, node.attrs['transposeB'] ? 1 : 0];
    if (x!.shape.length === 2 && y!.shape.length === 2) return emit('Gemm', [a!, b!], { transA, transB });
    // ONNX Runtime folds these transposes into its own batched product.
    const left = transA ? emit('Transpose', [a!], { perm: swapLast(x!.shape.length) }) : a!;
    const right = transB ? emit('Transpose', [b!], { perm: swapLast(y!.shape.length) }) : b!;
    return emit('MatMul', [left, right]);
  },
};

/** Adds the rule of an operation that only this project has (see `defineOperation`). */
export const registerLowering = (op: string, rule: LoweringRule): void => {
  rules[op] = rule;
};

/** Translates a traced graph to ONNX. Values are named after their node, inputs and outputs keep their names. */
export const lower = (graph: Graph, name: string): OnnxGraph => {
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const nameOf = new Map<number, string>();
  const constant = (values: ArrayLike<number>, dtype: OnnxDType, shape: readonly number[]): string => {
    const data = bytesOf(values, dtype);
    const key =
      data.length <= 64 ? `c_${dtype}_${shape.join('x')}_${[...data].join('.')}` : `c${initializers.size}`;
    if (!initializers.has(key)) initializers.set(key, { name: key, dtype, shape, data });
    return key;
  };
  const ints = (values: readonly number[]): string => constant(values, 'int64', [values.length]);
  let fresh = 0;
  const emit: LoweringContext['emit'] = (op, inputs, attributes, domain) => {
    // Program inputs and outputs cannot contain a slash first.
    const output = `/${fresh++}`;
    nodes.push({
      op,
      inputs,
      outputs: [output],
      ...(attributes && { attributes }),
      ...(domain && { domain }),
    });
    return output;
  };

  for (const id of graph.live()) {
    const node = graph.node(id);
    const inputs = node.inputs.map((input) => nameOf.get(input)!);
    const dtype = node.dtype as OnnxDType;
    if (node.op === 'Input') nameOf.set(id, String(node.attrs['name']));
    else if (node.op === 'Const') nameOf.set(id, constant(node.data!, dtype, node.shape));
    else if (node.op === 'Fill') {
      const value = constant([Number(node.attrs['value'])], dtype, []);
      nameOf.set(id, node.shape.length === 0 ? value : emit('Expand', [value, ints(node.shape)]));
    } else {
      const rule = rules[node.op];
      if (!rule) throw new Error(`No ONNX lowering for the operation ${node.op} (opset ${OPSET}).`);
      const inputNodes = node.inputs.map((input) => graph.node(input));
      nameOf.set(id, rule(node, { graph, inputs, inputNodes, ints, constant, emit }));
    }
  }
  const outputs = [...graph.outputs].map(([outputName, id]) => {
    nodes.push({ op: 'Identity', inputs: [nameOf.get(id)!], outputs: [outputName] });
    const node = graph.node(id);
    return { name: outputName, dtype: node.dtype as OnnxDType, shape: node.shape };
  });
  const live = new Set(graph.live());
  const inputs = [...graph.inputs]
    .filter(([, id]) => live.has(id))
    .map(([inputName, id]) => {
      const node = graph.node(id);
      return { name: inputName, dtype: node.dtype as OnnxDType, shape: node.shape };
    });
  return { name, nodes, initializers: [...initializers.values()], inputs, outputs };
};

const bytesOf = (values: ArrayLike<number>, dtype: OnnxDType): Uint8Array => {
  const array =
    dtype === 'float32'
      ? Float32Array.from(values)
      : dtype === 'int32'
        ? Int32Array.from(values)
        : dtype === 'int64'
          ? BigInt64Array.from(Array.from(values, (n) => BigInt(n)))
          : dtype === 'int8'
            ? Int8Array.from(values)
            : Uint8Array.from(values);
  return new Uint8Array(array.buffer);
};
