import type { Graph } from '../trace/graph.js';
import type { OnnxDType, OnnxNode, OnnxValueInfo } from './model-proto.js';

/** Name in the ONNX model: a program may use the same name for an input and an output, a model may not. */
export const onnxOutputName = (name: string): string => `o/${name}`;

/** The form in which a graph's outputs come out of the model. */
export interface ReturnedValues {
  /** Outputs of the model, in the shapes in which they are computed. */
  readonly outputs: readonly OnnxValueInfo[];
  /** Outputs of the graph that the model returns in parts: names of those, which follow one another. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
  /** Values that are computed under the name of an output. */
  readonly returned: ReadonlyMap<string, string>;
  /** For values that cannot be, such as one that is returned twice. */
  readonly copies: readonly OnnxNode[];
}

/**
 * A value that the graph returns once is computed where it is returned, in the shape in which it is computed;
 * a copy or a Reshape would be a pass over it. Tensors that are joined along the first axis are returned in
 * parts, so that each is computed where it belongs.
 *
 * @param nameOf values of the model by node of the graph
 * @param computed values that nodes of the model compute
 */
export const returnedValues = (
  graph: Graph,
  nameOf: ReadonlyMap<number, string>,
  computed: ReadonlySet<string>,
): ReturnedValues => {
  const returned = new Map<string, string>();
  const parts = new Map<string, readonly string[]>();
  const copies: OnnxNode[] = [];
  const canReturn = (id: number) => {
    const value = nameOf.get(id)!;
    return computed.has(value) && !returned.has(value);
  };
  const describe = (name: string, id: number): OnnxValueInfo => {
    const { dtype, shape } = graph.node(id);
    return { name, dtype: dtype as OnnxDType, shape };
  };
  const take = (id: number, name: string) => {
    const value = nameOf.get(id)!;
    if (canReturn(id)) returned.set(value, name);
    else copies.push({ op: 'Identity', inputs: [value], outputs: [name] });
  };
  const outputs = [...graph.results].flatMap(([output, id]): OnnxValueInfo[] => {
    const name = onnxOutputName(output);
    const joined = joinedFrom(graph, id);
    if (joined?.some(canReturn)) {
      const made = joined.map((part, i) => describe(`p/${i}/${output}`, part));
      for (const [i, part] of joined.entries()) take(part, made[i]!.name);
      parts.set(
        output,
        made.map((part) => part.name),
      );
      return made;
    }
    const made = [madeAs(graph, id), id].find(canReturn);
    take(made ?? id, name);
    return [describe(name, made ?? id)];
  });
  return { outputs, parts, returned, copies };
};

/** The value that reshaping alone made this one of. */
const madeAs = (graph: Graph, id: number): number => {
  const { op, inputs } = graph.node(id);
  return op === 'Reshape' ? madeAs(graph, inputs[0]!) : id;
};

/** The values whose elements, one after another, are this one's. */
const joinedFrom = (graph: Graph, id: number): readonly number[] | undefined => {
  const { op, inputs, attrs, shape } = graph.node(madeAs(graph, id));
  if (op !== 'Concat' || shape.slice(0, attrs['axis'] as number).some((size) => size !== 1)) return undefined;
  return inputs.map((input) => madeAs(graph, input));
};
