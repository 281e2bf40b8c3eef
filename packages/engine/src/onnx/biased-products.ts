import type { Graph, GraphNode } from '../trace/graph.js';

/**
 * Finds sums of a row vector and a product of two matrices that nothing else uses, which ONNX computes in one
 * operation. The map goes from the id of the sum to the product, and from the id of such a product to
 * nothing.
 */
export const biasedProducts = (graph: Graph, live: readonly number[]): Map<number, GraphNode | undefined> => {
  const uses = new Map<number, number>();
  const used = [...live.flatMap((id) => graph.node(id).inputs), ...graph.results.values()];
  for (const id of used) uses.set(id, (uses.get(id) ?? 0) + 1);
  const found = new Map<number, GraphNode | undefined>();
  for (const id of live) {
    const { op, inputs, shape } = graph.node(id);
    if (op !== 'Add') continue;
    const [x, y] = inputs.map((input) => graph.node(input)) as [GraphNode, GraphNode];
    const product = [x, y].find(
      (n) => n.op === 'BatchMatMul' && n.shape.length === 2 && uses.get(n.id) === 1,
    );
    const bias = product === x ? y : x;
    const operands = product?.inputs.map((input) => graph.node(input).shape.length);
    if (
      !product ||
      operands?.some((rank) => rank !== 2) ||
      bias.shape.length !== 1 ||
      bias.shape[0] !== shape[1]
    )
      continue;
    found.set(product.id, undefined);
    found.set(id, product);
  }
  return found;
};
