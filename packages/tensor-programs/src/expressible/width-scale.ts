import { elementwise, structural } from './operations.js';
import type { WidthGraph, WidthNode } from './width-graph.js';

/** The live nodes that use each node. */
export const consumersOf = ({ nodes, live }: WidthGraph): ReadonlyMap<number, readonly number[]> => {
  const consumers = new Map<number, number[]>();
  for (const id of live) {
    for (const input of new Set(nodes[id]!.inputs)) {
      const known = consumers.get(input);
      if (known) known.push(id);
      else consumers.set(input, [id]);
    }
  }
  return consumers;
};

/** The node behind reshapes, transpositions and copies. */
const source = (graph: WidthGraph, id: number): WidthNode => {
  let node = graph.nodes[id]!;
  while (structural.has(node.op) && node.inputs.length === 1) node = graph.nodes[node.inputs[0]!]!;
  return node;
};

/** The factor width^e that a product or quotient multiplies its other operand with. */
const factorOf = (graph: WidthGraph, node: WidthNode, operand: number): number => {
  if (node.op !== 'Multiply' && node.op !== 'RealDiv') return 0;
  const other = node.inputs[0] === operand ? 1 : 0;
  if (node.op === 'RealDiv' && other === 0) return 0;
  const { power } = source(graph, node.inputs[other]!);
  return node.op === 'RealDiv' ? -power : power;
};

/** Exponent of all factors width^e that a value was multiplied with since it was last computed otherwise. */
export const explicitScale = (graph: WidthGraph, id: number): number => {
  const node = source(graph, id);
  if (node.op !== 'Multiply' && node.op !== 'RealDiv') return 0;
  for (const input of node.inputs) {
    const power = factorOf(graph, node, input);
    if (power !== 0) return power + explicitScale(graph, input);
  }
  return 0;
};

/**
 * Is a sum over width divided by a power of width, before or after it? Looks forward through elementwise and structural
 * operations, since autodiff divides late.
 */
export const isNormalized = (
  graph: WidthGraph,
  consumers: ReadonlyMap<number, readonly number[]>,
  sum: WidthNode,
): boolean => {
  if (explicitScale(graph, sum.inputs[0]!) < 0) return true;
  const seen = new Set([sum.id]);
  const queue = [sum.id];
  for (const id of queue) {
    for (const user of consumers.get(id) ?? []) {
      const node = graph.nodes[user]!;
      if (factorOf(graph, node, id) < 0) return true;
      if (!seen.has(user) && (elementwise.has(node.op) || structural.has(node.op))) {
        seen.add(user);
        queue.push(user);
      }
    }
  }
  return false;
};
