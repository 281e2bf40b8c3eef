import { PbfWriter } from 'pbf';

/** Element type numbers of ONNX's TensorProto. */
export const onnxDType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type OnnxDType = keyof typeof onnxDType;

/** A constant tensor; `data` holds its little-endian bytes in C order. */
export interface OnnxTensor {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A named value with its type: an input or output of the graph. */
export interface OnnxValueInfo<Size = number> {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly Size[];
}

export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** Sizes are numbers, or names of those that may be any number. */
export interface OnnxGraph<Size = number> {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo<Size>[];
  readonly outputs: readonly OnnxValueInfo<Size>[];
}

const IR_VERSION = 9;
export const OPSET = 18;

/** Serializes a graph as an ONNX ModelProto (opset 18, plus ONNX Runtime's own `com.microsoft` domain). */
export const encodeModel = (graph: OnnxGraph<number | string>): Uint8Array => {
  const model = new PbfWriter();
  model.writeVarintField(1, IR_VERSION);
  model.writeStringField(2, 'ntk-lens');
  model.writeMessage(7, writeGraph, graph);
  for (const [domain, version] of [
    ['', OPSET],
    ['com.microsoft', 1],
  ] as const) {
    model.writeMessage(
      8,
      (_, pbf) => {
        pbf.writeStringField(1, domain);
        pbf.writeVarintField(2, version);
      },
      null,
    );
  }
  return model.finish();
};

const writeGraph = (graph: OnnxGraph<number | string>, pbf: PbfWriter): void => {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const tensor of graph.initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const value of graph.inputs) pbf.writeMessage(11, writeValueInfo, value);
  for (const value of graph.outputs) pbf.writeMessage(12, writeValueInfo, value);
};

const writeNode = (node: OnnxNode, pbf: PbfWriter): void => {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    pbf.writeMessage(5, writeAttribute, { name, value });
  }
  if (node.domain) pbf.writeStringField(7, node.domain);
};

/** AttributeProto types. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const GRAPH = 5;
const INTS = 7;

const writeAttribute = ({ name, value }: { name: string; value: OnnxAttribute }, pbf: PbfWriter): void => {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, INT);
  } else if (typeof value === 'string') {
    pbf.writeStringField(4, value);
    pbf.writeVarintField(20, STRING);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, FLOAT);
  } else if ('graph' in value) {
    pbf.writeMessage(6, writeGraph, value.graph);
    pbf.writeVarintField(20, GRAPH);
  } else {
    for (const n of value) pbf.writeVarintField(8, n);
    pbf.writeVarintField(20, INTS);
  }
};

const writeTensor = (tensor: OnnxTensor, pbf: PbfWriter): void => {
  for (const n of tensor.shape) pbf.writeVarintField(1, n);
  pbf.writeVarintField(2, onnxDType[tensor.dtype]);
  pbf.writeStringField(8, tensor.name);
  pbf.writeBytesField(9, tensor.data);
};

const writeValueInfo = (value: OnnxValueInfo<number | string>, pbf: PbfWriter): void => {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, writeType, value);
};

const writeType = (value: OnnxValueInfo<number | string>, pbf: PbfWriter): void => {
  pbf.writeMessage(1, writeTensorType, value);
};

const writeTensorType = (value: OnnxValueInfo<number | string>, pbf: PbfWriter): void => {
  pbf.writeVarintField(1, onnxDType[value.dtype]);
  pbf.writeMessage(
    2,
    (shape, p) => {
      for (const n of shape) p.writeMessage(1, writeDimension, n);
    },
    value.shape,
  );
};

const writeDimension = (size: number | string, pbf: PbfWriter): void => {
  if (typeof size === 'number') pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
};
