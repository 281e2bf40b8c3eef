import type { Graph } from '../trace/graph.js';
import { type OnnxDType, type OnnxGraph, type OnnxNode, type OnnxTensor, OPSET } from './model-proto.js';
import { loweringRule } from './rules/all-rules.js';
import type { LoweringContext } from './rules/rule.js';

/** Names in the ONNX model: a program may use the same name for an input and an output, a model may not. */
export const onnxInputName = (name: string): string => `i/${name}`;
export const onnxOutputName = (name: string): string => `o/${name}`;

/** Translates a traced graph to ONNX. */
export const lower = (graph: Graph, name: string): OnnxGraph => {
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
  for (const id of live) {
    const node = graph.node(id);
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
  const outputs = [...graph.outputs].map(([output, id]) => {
    const outputName = onnxOutputName(output);
    nodes.push({ op: 'Identity', inputs: [nameOf.get(id)!], outputs: [outputName] });
    const { dtype, shape } = graph.node(id);
    return { name: outputName, dtype: dtype as OnnxDType, shape };
  });
  const used = new Set(live);
  const inputs = [...graph.inputs]
    .filter(([, id]) => used.has(id))
    .map(([input, id]) => {
      const { dtype, shape } = graph.node(id);
      return { name: onnxInputName(input), dtype: dtype as OnnxDType, shape };
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
