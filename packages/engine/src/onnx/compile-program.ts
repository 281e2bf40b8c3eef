import type { Program } from '../program.js';
import type { GraphDType } from '../trace/graph.js';
import { trace } from '../trace/trace.js';
import { lower, onnxOutputName } from './lower.js';
import { encodeModel } from './model-proto.js';

/** Shape and type of an output, known from the trace. */
export interface CompiledOutput {
  /** Its name in the ONNX model. */
  readonly onnxName: string;
  readonly shape: readonly number[];
  /** Shape in which the ONNX model returns it: the same elements in the same order. */
  readonly modelShape: readonly number[];
  readonly dtype: GraphDType;
  /** Bytes per element. */
  readonly itemSize: number;
}

export interface CompiledModel {
  /** An ONNX model that owns its buffer. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly outputs: ReadonlyMap<string, CompiledOutput>;
}

/** Traces a program, gradients included, and writes it as an ONNX model. */
export const compileProgram = (program: Program): CompiledModel => {
  const graph = trace(program);
  const lowered = lower(graph, program.name);
  const modelShapes = new Map(lowered.outputs.map(({ name, shape }) => [name, shape]));
  const outputs = new Map(
    [...graph.outputs].map(([name, id]): [string, CompiledOutput] => {
      const { shape, dtype } = graph.node(id);
      const itemSize = dtype === 'bool' || dtype === 'uint8' ? 1 : 4;
      const onnxName = onnxOutputName(name);
      return [name, { onnxName, shape, modelShape: modelShapes.get(onnxName)!, dtype, itemSize }];
    }),
  );
  return { model: new Uint8Array(encodeModel(lowered)), outputs };
};
