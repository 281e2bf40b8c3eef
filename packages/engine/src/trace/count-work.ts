import type { Graph, GraphNode } from './graph.js';

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Products with a smaller inner dimension, such as those over the tokens of an example, count as thin. */
const THIN = 128;

/** Work of a traced program. */
export interface GraphCost {
  /** Floating-point operations of all matrix products, two per multiply-add. */
  readonly flops: number;
  /** Those of them in products whose inner dimension is less than `THIN`. */
  readonly thinFlops: number;
  /** Bytes that all operations together read and write, if nothing stays in a cache. */
  readonly bytes: number;
  /** Those of them that products read and write. */
  readonly productBytes: number;
}

const free = new Set(['Input', 'Const', 'Fill', 'Reshape']);

const innerOf = ({ op, attrs }: GraphNode, [left]: readonly GraphNode[]): number =>
  op === 'BatchMatMul' ? left!.shape.at(attrs['transposeA'] ? -2 : -1)! : 0;

/**
 * Counts the work of a traced graph. Only matrix products count as FLOPs (everything else is bound by memory);
 * every operation counts its inputs and its output as bytes.
 */
export const countWork = (graph: Graph): GraphCost => {
  const cost = { flops: 0, thinFlops: 0, bytes: 0, productBytes: 0 };
  for (const id of graph.live()) {
    const node = graph.node(id);
    if (free.has(node.op)) continue;
    const inputs = node.inputs.map((input) => graph.node(input));
    const bytes = 4 * (size(node.shape) + inputs.reduce((sum, input) => sum + size(input.shape), 0));
    const inner = innerOf(node, inputs);
    const flops = 2 * size(node.shape) * inner;
    cost.bytes += bytes;
    cost.flops += flops;
    if (inner > 0) cost.productBytes += bytes;
    if (inner < THIN) cost.thinFlops += flops;
  }
  return cost;
};
