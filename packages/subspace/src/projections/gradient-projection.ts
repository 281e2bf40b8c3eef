import type { GradientProjection } from '@ntk-lens/kernels';
import type { RandomProjection } from './random-projection.js';

/** How the sums of groups become coordinates. */
export interface ProjectionGroups {
  groupOf(parameter: string): string;
  /** @param sums coordinates of each group's gradient */
  finish(sums: ReadonlyMap<string, Float64Array>): Float64Array;
}

/** One group: the coordinates Πᵀ∇f themselves. */
export const oneGroup = (k: number): ProjectionGroups => ({
  groupOf: () => '',
  finish: (sums) => sums.get('') ?? new Float64Array(k),
});

/** A random projection as kernels take it. */
export const gradientProjection = (
  projection: RandomProjection,
  { groupOf, finish }: ProjectionGroups,
): GradientProjection => ({
  size: projection.size,
  groupOf,
  program: (range, count) => ({
    name: `${projection.name} ${projection.dimension} ${range.width}`,
    inputs: {
      g: { dtype: 'float32', shape: [count, range.rows * range.width] },
      constants: { dtype: 'float32', shape: [range.rows, projection.columns(range.width)] },
    },
    build: ({ g, constants }) => ({ p: projection.down(g!, constants!, range.width) }),
  }),
  constants: (range) => ({ constants: projection.constants(range) }),
  add: (range, gradients) => projection.add(range, gradients),
  finish: (sums) => finish(new Map([...sums].map(([group, sum]) => [group, projection.shorten(sum)]))),
});
