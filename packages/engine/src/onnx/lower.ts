import type { Graph } from '../trace/graph.js';
import { GraphBuilder } from './graph-builder.js';
import { type OnnxDType, type OnnxGraph, type OnnxNode, type OnnxValueInfo, OPSET } from './model-proto.js';
import { returnedValues } from './returned-values.js';
import { loweringRule } from './rules/all-rules.js';
import { type SlicedGroup, slicedGroups } from './sliced-groups.js';

/** Name in the ONNX model: a program may use the same name for an input and an output, a model may not. */
export const onnxInputName = (name: string): string => `i/${name}`;

export interface LoweredGraph extends OnnxGraph {
  /** Outputs of the traced graph that the model returns in parts: the model's outputs, one after another. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/**
 * Translates a traced graph to ONNX. Outputs have all their elements in order, perhaps in another shape, or in several
 * parts.
 *
 * @param slicing whether long elementwise computations on large tensors are done slice by slice
 */
export const lower = (graph: Graph, name: string, slicing = false): LoweredGraph => {
  const builder = new GraphBuilder();
  const nameOf = new Map<number, string>();
  const live = graph.live();
  const groups = new Map(
    (slicing ? slicedGroups(graph, live) : []).flatMap((group) =>
      group.ids.map((id) => [id, group] as const),
    ),
  );
  const visited = new Set<number>();
  // The operands of a group come before the first of its nodes.
  const visit = (id: number): void => {
    if (visited.has(id)) return;
    const group = groups.get(id);
    const ids = group?.ids ?? [id];
    for (const member of ids) visited.add(member);
    for (const member of ids) for (const input of graph.node(member).inputs) visit(input);
    if (group) lowerGroup(graph, group, builder, nameOf);
    else nameOf.set(id, lowerNode(graph, id, builder, nameOf));
  };
  for (const id of live) visit(id);
  const { outputs, parts, returned, copies } = returnedValues(
    graph,
    nameOf,
    new Set(builder.nodes.flatMap((node) => node.outputs)),
  );
  builder.nodes.push(...copies);
  const renamed = (names: readonly string[]) => names.map((value) => returned.get(value) ?? value);
  const used = new Set(live);
  const inputs = [...graph.inputs]
    .filter(([, id]) => used.has(id))
    .map(([input, id]) => {
      const { dtype, shape } = graph.node(id);
      return { name: onnxInputName(input), dtype: dtype as OnnxDType, shape };
    });
  const all = builder.nodes.map((node) => ({
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
    initializers: [...builder.initializers.values()],
    inputs,
    outputs,
    parts,
  };
};

type Names = Map<number, string>;

const lowerNode = (graph: Graph, id: number, builder: GraphBuilder, nameOf: Names): string => {
  const node = graph.node(id);
  const inputs = node.inputs.map((input) => nameOf.get(input)!);
  const dtype = node.dtype as OnnxDType;
  const { constant, ints, emit } = builder;
  if (node.op === 'Input') return onnxInputName(String(node.attrs['name']));
  if (node.op === 'Const') return constant(node.data!, dtype, node.shape);
  if (node.op === 'Fill') {
    const value = constant([Number(node.attrs['value'])], dtype, []);
    return node.shape.length === 0 ? value : emit('Expand', [value, ints(node.shape)]);
  }
  const rule = loweringRule(node.op);
  if (!rule) throw new Error(`No ONNX lowering for the operation ${node.op} (opset ${OPSET}).`);
  const inputNodes = node.inputs.map((input) => graph.node(input));
  return rule(node, { graph, inputs, inputNodes, ints, constant, emit });
};

/** A Scan, whose body computes one slice of every value. */
const lowerGroup = (
  graph: Graph,
  { ids, sliced, returned }: SlicedGroup,
  builder: GraphBuilder,
  nameOf: Names,
): void => {
  const inside: Names = new Map(nameOf);
  for (const id of sliced) inside.set(id, builder.fresh());
  const nodes = builder.apart(() => {
    for (const id of ids) inside.set(id, lowerNode(graph, id, builder, inside));
  });
  const slice = (id: number): OnnxValueInfo => {
    const { dtype, shape } = graph.node(id);
    return { name: inside.get(id)!, dtype: dtype as OnnxDType, shape: shape.slice(1) };
  };
  const body: OnnxGraph = {
    name: 'slice',
    nodes,
    initializers: [],
    inputs: sliced.map(slice),
    outputs: returned.map(slice),
  };
  const inputs = sliced.map((id) => nameOf.get(id)!);
  for (const id of returned) nameOf.set(id, builder.fresh());
  builder.nodes.push({
    op: 'Scan',
    inputs,
    outputs: returned.map((id) => nameOf.get(id)!),
    attributes: { body: { graph: body }, num_scan_inputs: inputs.length },
  });
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
