import type { Graph, GraphNode } from '../trace/graph.js';
import { type OnnxDType, type OnnxGraph, type OnnxNode, type OnnxTensor, OPSET } from './model-proto.js';
import { returnedValues } from './returned-values.js';
import { loweringRule } from './rules/all-rules.js';
import type { LoweringContext } from './rules/rule.js';

/** Name in the ONNX model: a program may use the same name for an input and an output, a model may not. */
export const onnxInputName = (name: string): string => `i/${name}`;

export interface LoweredGraph extends OnnxGraph {
  /** Outputs of the traced graph that the model returns in parts: the model's outputs, one after another. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/**
 * Translates a traced graph to ONNX. Outputs have all their elements in order, perhaps in another shape, or in several
 * parts.
 */
export const lower = (graph: Graph, name: string): LoweredGraph => {
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const nameOf = new Map<number, string>();
  const constant = (values: ArrayLike<number>, dtype: OnnxDType, shape: readonly number[]): string => {
    const data = bytesOf(values, dtype);
    const key =
      data.length <= 64 ? `c/${dtype}/${shape.join('x')}/${[...data].join('.')}` : `c/${initializers.size}`;
    if (!initializers.has(key)) initializers.set(key, { name: key, dtype, shape, data });
    return key;
  };
  const ints = (values: readonly number[]): string => constant(values, 'int64', [values.length]);
  let fresh = 0;
  const emit: LoweringContext['emit'] = (op, inputs, attributes, domain) => {
    const output = `v/${fresh++}`;
    nodes.push({
      op,
      inputs,
      outputs: [output],
      ...(attributes && { attributes }),
      ...(domain && { domain }),
    });
    return output;
  };

  const live = graph.live();
  const biased = biasedProducts(graph, live);
  for (const id of live) {
    const node = graph.node(id);
    const product = biased.get(id);
    if (biased.has(id) && !product) continue;
    if (product) {
      const attributes = {
        transA: product.attrs['transposeA'] ? 1 : 0,
        transB: product.attrs['transposeB'] ? 1 : 0,
      };
      const bias = node.inputs.find((input) => input !== product.id)!;
      const operands = [...product.inputs, bias].map((input) => nameOf.get(input)!);
      nameOf.set(id, emit('Gemm', operands, attributes));
      continue;
    }
    const inputs = node.inputs.map((input) => nameOf.get(input)!);
    const dtype = node.dtype as OnnxDType;
    if (node.op === 'Input') nameOf.set(id, onnxInputName(String(node.attrs['name'])));
    else if (node.op === 'Const') nameOf.set(id, constant(node.data!, dtype, node.shape));
    else if (node.op === 'Fill') {
      const value = constant([Number(node.attrs['value'])], dtype, []);
      nameOf.set(id, node.shape.length === 0 ? value : emit('Expand', [value, ints(node.shape)]));
    } else {
      const rule = loweringRule(node.op);
      if (!rule) throw new Error(`No ONNX lowering for the operation ${node.op} (opset ${OPSET}).`);
      const inputNodes = node.inputs.map((input) => graph.node(input));
      nameOf.set(id, rule(node, { graph, inputs, inputNodes, ints, constant, emit }));
    }
  }
  const { outputs, parts, returned, copies } = returnedValues(
    graph,
    nameOf,
    new Set(nodes.flatMap((node) => node.outputs)),
  );
  nodes.push(...copies);
  const renamed = (names: readonly string[]) => names.map((value) => returned.get(value) ?? value);
  const used = new Set(live);
  const inputs = [...graph.inputs]
    .filter(([, id]) => used.has(id))
    .map(([input, id]) => {
      const { dtype, shape } = graph.node(id);
      return { name: onnxInputName(input), dtype: dtype as OnnxDType, shape };
    });
  const all = nodes.map((node) => ({
    ...node,
    inputs: renamed(node.inputs),
    outputs: renamed(node.outputs),
  }));
  return {
    name,
    nodes: neededFor(
      outputs.map((output) => output.name),
      all,
    ),
    initializers: [...initializers.values()],
    inputs,
    outputs,
    parts,
  };
};

/** The nodes that compute these values; nodes are in the order of execution. */
const neededFor = (values: readonly string[], nodes: readonly OnnxNode[]): OnnxNode[] => {
  const needed = new Set(values);
  const kept = [...nodes].reverse().filter(({ inputs, outputs }) => {
    if (!outputs.some((output) => needed.has(output))) return false;
    for (const input of inputs) needed.add(input);
    return true;
  });
  return kept.reverse();
};

/**
 * Sums of a product of two matrices that nothing else uses and a row vector, which ONNX computes in one
 * operation: the id of the sum → the product, and the id of such a product → nothing.
 */
const biasedProducts = (graph: Graph, live: readonly number[]): Map<number, GraphNode | undefined> => {
  const uses = new Map<number, number>();
  const used = [...live.flatMap((id) => graph.node(id).inputs), ...graph.outputs.values()];
  for (const id of used) uses.set(id, (uses.get(id) ?? 0) + 1);
  const found = new Map<number, GraphNode | undefined>();
  for (const id of live) {
    const { op, inputs, shape } = graph.node(id);
    if (op !== 'Add') continue;
    const [x, y] = inputs.map((input) => graph.node(input)) as [GraphNode, GraphNode];
    const product = [x, y].find(
      (n) => n.op === 'BatchMatMul' && n.shape.length === 2 && uses.get(n.id) === 1,
    );
    const bias = product === x ? y : x;
    const operands = product?.inputs.map((input) => graph.node(input).shape.length);
    if (
      !product ||
      operands?.some((rank) => rank !== 2) ||
      bias.shape.length !== 1 ||
      bias.shape[0] !== shape[1]
    )
      continue;
    found.set(product.id, undefined);
    found.set(id, product);
  }
  return found;
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
