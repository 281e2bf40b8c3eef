import { type GradientMap, identityMap, type KernelFormula } from '@ntk-lens/kernels';

/** g |g|: large elements count more, signs stay. (x y) |x y| = (x |x|) (y |y|), so rank one is kept; sums are not. */
const emphasis: GradientMap = {
  symbol: '∇f |∇f|',
  linear: false,
  keepsRankOne: true,
  ternary: false,
  bytes: 4,
  needsFactors: false,
  tensor: (gradient) => gradient.mul(gradient.abs()),
  numbers: (gradient) => gradient.map((x: number) => x * Math.abs(x)) as typeof gradient,
};

/**
 * A formula as a user would write it, from what the package exports and nothing else:
 * k(ξ, ξ') = ⟨∇f(ξ) |∇f(ξ)|, ∇f(ξ')⟩, not symmetric; and K(ξ, ξ') = k(ξ, ξ') / (1 + √(k(ξ, ξ) k(ξ', ξ'))).
 */
export const emphatic: KernelFormula = {
  name: 'emphatic',
  title: 'Emphatic',
  settings: { power: 2 },
  train: emphasis,
  query: identityMap,
  finish: (kernel, rows, columns) => ({
    ...kernel,
    data: kernel.data.map((x, i) => {
      const [row, column] = [rows[Math.floor(i / columns.length)]!, columns[i % columns.length]!];
      return x / (1 + Math.sqrt(row * column));
    }),
  }),
};

/** The same emphasis on both sides, without a finish: symmetric. */
export const doublyEmphatic: KernelFormula = {
  name: 'doubly-emphatic',
  title: 'Doubly emphatic',
  train: emphasis,
  query: emphasis,
};
