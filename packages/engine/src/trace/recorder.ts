import * as tf from '@ntk-lens/tfjs';
import { type Graph, Graph as GraphClass, type GraphDType, type GraphNode, type NodeSpec } from './graph.js';

export const TRACER_BACKEND = 'ntk-lens-tracer';

/** A value of the traced function as a tfjs kernel sees it. */
export type Traced = tf.TensorInfo;

/** A node as tfjs holds it: instead of data. */
class TracedData {
  constructor(readonly id: number) {}
}

const idOf = ({ dataId }: Traced): number | undefined =>
  dataId instanceof TracedData ? dataId.id : undefined;

/**
 * A tfjs backend that computes nothing: every kernel call adds a node to the current graph. Reading values
 * out of a traced tensor is an error, since there are none.
 */
export class Recorder extends tf.KernelBackend {
  #graph: Graph | undefined;

  start(integers: boolean): Graph {
    this.#graph = new GraphClass(integers);
    return this.#graph;
  }

  stop(): void {
    this.#graph = undefined;
  }

  get graph(): Graph {
    if (!this.#graph) throw new Error(`The ${TRACER_BACKEND} backend works only inside trace().`);
    return this.#graph;
  }

  /** The node behind a traced tensor. */
  nodeOf(tensor: Traced): GraphNode {
    const id = idOf(tensor);
    if (id === undefined) {
      throw new Error(
        `A tensor of shape [${tensor.shape}] comes from outside the traced function. Pass it as an input of the program.`,
      );
    }
    return this.graph.node(id);
  }

  /** True for two traced tensors of one node. */
  areOne(x: Traced, y: Traced): boolean {
    const id = idOf(x);
    return id !== undefined && id === idOf(y);
  }

  /** Adds a node and wraps it as a tensor. */
  emit(spec: NodeSpec): Traced {
    return this.wrap(this.graph.add(spec));
  }

  /** A tensor handle for an existing node. */
  wrap(id: number): Traced {
    const node = this.graph.node(id);
    const dataId = new TracedData(id);
    // tfjs has no uint8; its bool is stored the same way.
    return { dataId, shape: [...node.shape], dtype: node.dtype === 'uint8' ? 'bool' : node.dtype };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new Error(`A constant of dtype ${dtype} cannot be traced; expected float32, int32 or bool.`);
    }
    return new TracedData(this.graph.add(constantSpec(values as ArrayLike<number>, shape, dtype)));
  }

  override move(): void {
    throw new Error('Tensors of other backends cannot enter a trace.');
  }
  override readSync(): never {
    throw new Error('A traced function cannot read values (dataSync) while it is being traced.');
  }
  override read(): never {
    return this.readSync();
  }
  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  decRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
}

/** A `Fill` node when all elements are equal, a `Const` node otherwise. */
const constantSpec = (values: ArrayLike<number>, shape: readonly number[], dtype: GraphDType): NodeSpec => {
  const first = values[0];
  let uniform = first !== undefined;
  for (let i = 1; uniform && i < values.length; i++) uniform = Object.is(values[i], first);
  if (uniform) return { op: 'Fill', inputs: [], attrs: { value: Number(first) }, shape: [...shape], dtype };
  const data =
    dtype === 'float32'
      ? Float32Array.from(values)
      : dtype === 'int32'
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  return { op: 'Const', inputs: [], attrs: {}, shape: [...shape], dtype, data };
};

let recorder: Recorder | undefined;

/** The one recording backend of this process, registered with tfjs on first use. */
export const theRecorder = (): Recorder => {
  if (!recorder) {
    recorder = new Recorder();
    tf.registerBackend(TRACER_BACKEND, () => recorder!, 0);
  }
  return recorder;
};
