import type { Graph } from '@ntk-lens/engine';

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Work of a traced program. */
export interface GraphCost {
  /** Floating-point operations of all matrix products, two per multiply-add. */
  readonly flops: number;
  /** Bytes that all operations together read and write, if nothing stays in a cache. */
  readonly bytes: number;
}

/**
 * Counts the work of a traced graph. Only matrix products count as FLOPs (everything else is bound by memory);
 * every operation counts its inputs and its output as bytes.
 */
export const countFlops = (graph: Graph): GraphCost => {
  let flops = 0;
  let bytes = 0;
  for (const id of graph.live()) {
    const node = graph.node(id);
    if (node.op === 'Input' || node.op === 'Const' || node.op === 'Fill' || node.op === 'Reshape') continue;
    const inputs = node.inputs.map((input) => graph.node(input));
    bytes += 4 * (size(node.shape) + inputs.reduce((sum, input) => sum + size(input.shape), 0));
    if (node.op !== 'BatchMatMul') continue;
    const inner = inputs[0]!.shape.at(node.attrs['transposeA'] ? -2 : -1)!;
    flops += 2 * size(node.shape) * inner;
  }
  return { flops, bytes };
};
