import * as tf from '@ntk-lens/tfjs';
import { registerLowering } from '../onnx/rules/all-rules.js';
import type { LoweringRule } from '../onnx/rules/rule.js';
import type { Graph, GraphDType, GraphNode } from '../trace/graph.js';
import { TRACER_BACKEND, theRecorder } from '../trace/recorder.js';

/** An operation that tfjs does not have: how it is recorded and compiled, and what it is in tfjs operations. */
export interface OperationOptions {
  readonly name: string;
  /** Output type and shape from the inputs' nodes. */
  readonly infer: (
    inputs: readonly GraphNode[],
    graph: Graph,
  ) => {
    readonly shape: readonly number[];
    readonly dtype: GraphDType;
  };
  readonly lower: LoweringRule;
  /** The same mathematics for eager backends. */
  readonly eager: (...inputs: tf.Tensor[]) => tf.Tensor;
}

/**
 * Defines an operation that compiles to chosen ONNX nodes when traced and runs as tfjs operations otherwise.
 * It has no gradient.
 */
export const defineOperation = (options: OperationOptions): ((...inputs: tf.Tensor[]) => tf.Tensor) => {
  registerLowering(options.name, options.lower);
  return (...inputs) => {
    if (tf.getBackend() !== TRACER_BACKEND) return tf.tidy(() => options.eager(...inputs));
    const recorder = theRecorder();
    const nodes = inputs.map((input) => recorder.nodeOf(input));
    const spec = {
      op: options.name,
      inputs: nodes.map((node) => node.id),
      attrs: {},
      ...options.infer(nodes, recorder.graph),
    };
    return tf.engine().makeTensorFromTensorInfo(recorder.emit(spec));
  };
};
