import { defineProgram } from '@ntk-lens/engine';
import type { GradientProjection } from '@ntk-lens/kernels';
import type { RandomProjection } from './random-projection.js';

/** The way from the sums of groups to coordinates. */
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

interface DownSettings {
  readonly projection: RandomProjection;
  /** Rows of the range that is projected. */
  readonly rows: number;
  readonly width: number;
  /** Number of gradients. */
  readonly count: number;
}

const projected = defineProgram(({ projection }: DownSettings) => `projection ${projection.identity}`, {
  inputs: ({ projection, rows, width, count }) =>
    ({
      g: { dtype: 'float32', shape: [count, rows * width] },
      constants: { dtype: 'float32', shape: [rows, projection.columns(width)] },
    }) as const,
  build: ({ g, constants }, { projection, width }) => ({ p: projection.down(g, constants, width) }),
});

/** A random projection as kernels take it. */
export const gradientProjection = (
  projection: RandomProjection,
  { groupOf, finish }: ProjectionGroups,
): GradientProjection => ({
  size: projection.size,
  groupOf,
  program: ({ rows, width }, count) => projected({ projection, rows, width, count }).flat,
  constants: (range) => ({ constants: projection.constants(range) }),
  add: (range, gradients) => projection.add(range, gradients),
  finish: (sums) => finish(new Map([...sums].map(([group, sum]) => [group, projection.shorten(sum)]))),
});
