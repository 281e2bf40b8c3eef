import type { OnnxAttribute, OnnxDType, OnnxNode, OnnxTensor } from './model-proto.js';

/** Nodes and constants of an ONNX graph that is being written. */
export class GraphBuilder {
  nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxTensor>();
  #count = 0;

  /** A name that no other value has. */
  readonly fresh = (): string => `v/${this.#count++}`;

  /** Adds a constant, or returns the name of the equal one that is already there if it is small. */
  readonly constant = (values: ArrayLike<number>, dtype: OnnxDType, shape: readonly number[]): string => {
    const data = bytesOf(values, dtype);
    const key =
      data.length <= 64
        ? `c/${dtype}/${shape.join('x')}/${[...data].join('.')}`
        : `c/${this.initializers.size}`;
    if (!this.initializers.has(key)) this.initializers.set(key, { name: key, dtype, shape, data });
    return key;
  };

  /** Adds an int64 vector constant (shapes, axes). */
  readonly ints = (values: readonly number[]): string => this.constant(values, 'int64', [values.length]);

  /** Adds a node with one output and returns the output's name. */
  readonly emit = (
    op: string,
    inputs: readonly string[],
    attributes?: Record<string, OnnxAttribute>,
    domain?: string,
  ): string => {
    const output = this.fresh();
    this.nodes.push({ op, inputs, outputs: [output], attributes, domain });
    return output;
  };

  /** The nodes that `write` adds, taken out of the graph. */
  apart(write: () => void): OnnxNode[] {
    const around = this.nodes;
    this.nodes = [];
    write();
    const own = this.nodes;
    this.nodes = around;
    return own;
  }
}

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
