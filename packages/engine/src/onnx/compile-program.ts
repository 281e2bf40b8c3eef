import type { Program } from '../program.js';
import type { GraphDType } from '../trace/graph.js';
import { trace } from '../trace/trace.js';
import { lower } from './lower.js';
import { encodeModel } from './model-proto.js';
import { onnxOutputName } from './returned-values.js';

/** An output of an ONNX model. */
export interface ModelOutput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Shape and type of an output, known from the trace. */
export interface CompiledResult {
  /**
   * The name by which session hosts call it; its name in the ONNX model, unless that returns it in several
   * parts.
   */
  readonly onnxName: string;
  readonly shape: readonly number[];
  /** Results of the ONNX model whose elements, one after another, are this one's; mostly one. */
  readonly parts: readonly ModelOutput[];
  readonly dtype: GraphDType;
  /** Bytes per element. */
  readonly itemSize: number;
}

export interface CompiledModel {
  /** An ONNX model that owns its buffer. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly results: ReadonlyMap<string, CompiledResult>;
}

export interface CompileTarget {
  /** Whether computing slice by slice is worth it; see {@link lower}. */
  readonly slicing?: boolean;
  /** Whether it multiplies matrices of bytes. */
  readonly integers?: boolean;
}

/**
 * Traces a program, gradients included, and writes it as an ONNX model.
 *
 * @param target the strengths of the processor that runs it
 */
export const compileProgram = (
  program: Program,
  { slicing = false, integers = true }: CompileTarget = {},
): CompiledModel => {
  const graph = trace(program, integers);
  const lowered = lower(graph, program.name, slicing);
  const shapes = new Map(lowered.outputs.map(({ name, shape }) => [name, shape]));
  const results = new Map(
    [...graph.results].map(([name, id]): [string, CompiledResult] => {
      const { shape, dtype } = graph.node(id);
      const itemSize = dtype === 'bool' || dtype === 'uint8' ? 1 : 4;
      const onnxName = onnxOutputName(name);
      const names = lowered.parts.get(name) ?? [onnxName];
      const parts = names.map((part) => ({ name: part, shape: shapes.get(part)! }));
      return [name, { onnxName, shape, parts, dtype, itemSize }];
    }),
  );
  return { model: new Uint8Array(encodeModel(lowered)), results };
};
