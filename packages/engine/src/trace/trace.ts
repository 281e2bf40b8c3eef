import * as tf from '@ntk-lens/tfjs';
import type { Program } from '../program.js';
import type { Graph } from './graph.js';
import { registerTraceKernels } from './kernels/register-kernels.js';
import { TRACER_BACKEND, theRecorder } from './recorder.js';

/**
 * Runs a program's function once on recording tensors and returns the graph of what it did, gradients
 * included. Nothing is computed; the tfjs backend in use before is restored.
 *
 * @example
 * ```ts
 * const graph = trace({ name: 'square', inputs: { x: { dtype: 'float32', shape: [3] } }, build: ({ x }) => ({ y: tf.square(x!) }) });
 * graph.live().length; // 2: the input and the square
 * ```
 * @param integers whether the signs that `ternary` returns are bytes
 */
export const trace = (program: Program, integers = true): Graph => {
  registerTraceKernels();
  const recorder = theRecorder();
  const before = tf.getBackend();
  tf.setBackend(TRACER_BACKEND);
  const graph = recorder.start(integers);
  try {
    tf.tidy(() => {
      const inputs: Record<string, tf.Tensor> = {};
      for (const [name, spec] of Object.entries(program.inputs)) {
        const id = graph.add({
          op: 'Input',
          inputs: [],
          attrs: { name },
          shape: [...spec.shape],
          dtype: spec.dtype === 'ternary' ? graph.ternary : spec.dtype,
        });
        graph.inputs.set(name, id);
        inputs[name] = tf.engine().makeTensorFromTensorInfo(recorder.wrap(id));
      }
      for (const [name, tensor] of Object.entries(program.build(inputs))) {
        graph.results.set(name, recorder.nodeOf(tensor).id);
      }
    });
  } finally {
    recorder.stop();
    if (before && before !== TRACER_BACKEND) tf.setBackend(before);
  }
  return graph;
};
