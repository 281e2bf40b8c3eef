import type { LoweringRules } from './rule.js';

const swapLast = (rank: number): number[] => [
  ...Array.from({ length: rank - 2 }, (_, i) => i),
  rank - 1,
  rank - 2,
];

/** Rules for matrix products. */
export const productRules: LoweringRules = {
  BatchMatMul: (node, { emit, inputs: [a, b], inputNodes: [x, y] }) => {
    const [transA, transB] = [node.attrs['transposeA'] ? 1 : 0, node.attrs['transposeB'] ? 1 : 0];
    if (x!.shape.length === 2 && y!.shape.length === 2) return emit('Gemm', [a!, b!], { transA, transB });
    // ONNX Runtime folds these transposes into its own batched product.
    const left = transA ? emit('Transpose', [a!], { perm: swapLast(x!.shape.length) }) : a!;
    const right = transB ? emit('Transpose', [b!], { perm: swapLast(y!.shape.length) }) : b!;
    return emit('MatMul', [left, right]);
  },
};
