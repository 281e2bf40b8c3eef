import { sizeOf } from '@ntk-lens/core';
import type { Graph, GraphNode } from '../trace/graph.js';
import { elementwiseRules } from './rules/elementwise.js';

/** Elementwise operations on tensors of one shape that are computed slice by slice along the first axis. */
export interface SlicedGroup {
  /** In execution order. */
  readonly ids: readonly number[];
  /** Values from outside that are sliced with them. */
  readonly sliced: readonly number[];
  /** Values that are needed outside. */
  readonly returned: readonly number[];
}

/** Elements of a slice: a dozen float32 tensors fit the caches, and computing them takes longer than starting them. */
const LEAST_SLICE = 2 ** 14;
const MOST_SLICE = 2 ** 19;
/**
 * Elements of a tensor that is worth slicing. A few tensors that are smaller fit the caches, and whole operations on them keep
 * all threads busy. From 2²³ elements on, malloc takes new pages in every run, which takes longer than
 * slicing.
 */
const LEAST_WHOLE = 3 * 2 ** 20;
/** ONNX Runtime computes some shorter groups, such as GELU, in one pass if they are left alone. */
const LEAST_OPERATIONS = 8;

/**
 * The elementwise operations on the largest shape of a graph, in groups that can be computed one after another: no value
 * leaves a group and comes back to it.
 *
 * @param live ids of the nodes to compute, in execution order
 */
export const slicedGroups = (graph: Graph, live: readonly number[]): SlicedGroup[] => {
  const candidates = live.filter((id) => canBeSliced(graph, graph.node(id))).map((id) => graph.node(id));
  const largest = Math.max(...candidates.map(({ shape }) => sizeOf(shape)));
  const shape = candidates.find((node) => sizeOf(node.shape) === largest)?.shape;
  const members = new Set(candidates.filter((node) => `${node.shape}` === `${shape}`).map(({ id }) => id));
  // Number of groups on the longest path to a node.
  const passed = new Map<number, number>();
  const groups = new Map<number, number[]>();
  for (const id of live) {
    const isMember = members.has(id);
    const { inputs } = graph.node(id);
    const counts = inputs.map((input) => passed.get(input)! + (isMember && !members.has(input) ? 1 : 0));
    const count = Math.max(0, ...counts);
    passed.set(id, count);
    if (isMember) groups.set(count, [...(groups.get(count) ?? []), id]);
  }
  return [...groups.values()]
    .filter((ids) => ids.length >= LEAST_OPERATIONS)
    .map((ids) => groupOf(graph, live, ids));
};

/** Inputs are slices of others, or inputs and constants of fewer axes, which are the same for every slice. */
const canBeSliced = (graph: Graph, { op, shape, inputs }: GraphNode): boolean => {
  const slice = sizeOf(shape.slice(1));
  return (
    Object.hasOwn(elementwiseRules, op) &&
    shape.length > 1 &&
    shape[0]! > 1 &&
    slice >= LEAST_SLICE &&
    slice <= MOST_SLICE &&
    sizeOf(shape) >= LEAST_WHOLE &&
    inputs.every((input) => {
      const other = graph.node(input);
      return isSlicedLike(shape, other) || (other.shape.length < shape.length && isAtHand(other));
    })
  );
};

const isSlicedLike = (shape: readonly number[], other: GraphNode): boolean =>
  other.shape.length === shape.length && other.shape[0] === shape[0];

/** An input of the program or a constant of the model. */
const isAtHand = ({ op, shape }: GraphNode): boolean =>
  op === 'Input' || op === 'Const' || (op === 'Fill' && shape.length === 0);

const groupOf = (graph: Graph, live: readonly number[], ids: readonly number[]): SlicedGroup => {
  const own = new Set(ids);
  const { shape } = graph.node(ids[0]!);
  const outside = new Set(
    ids
      .flatMap((id) => graph.node(id).inputs)
      .filter((input) => !own.has(input) && isSlicedLike(shape, graph.node(input))),
  );
  const used = new Set([
    ...live.filter((id) => !own.has(id)).flatMap((id) => graph.node(id).inputs),
    ...graph.results.values(),
  ]);
  return { ids, sliced: [...outside], returned: ids.filter((id) => used.has(id)) };
};
