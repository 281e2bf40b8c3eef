import { Mt19937, ndarray, sizeOf } from '@ntk-lens/core';
import { defineProgram, type Resident, tf } from '@ntk-lens/engine';
import { partKey, type Stage } from '@ntk-lens/models';
import { float } from '../contract/matrix-shapes.js';
import type { GradientMap } from '../formulas/gradient-map.js';
import { applyMap } from '../formulas/mapped-gram.js';
import { type ProgramMap, programMap } from '../formulas/program-maps.js';
import type { ResidentScope } from '../pass/resident-scope.js';

/**
 * A vector in parameter space: one resident tensor per used part of a parameter (`partKey`), zero for
 * parts that it does not name. Sites that share a parameter share the entry.
 */
export type Direction = ReadonlyMap<string, Resident>;

// Partial sums over the last axis stay short in float32; the rest is added in float64.
const rowDots = defineProgram('dot', {
  inputs: ({ shape }: { readonly shape: readonly number[] }) => ({ x: float(shape), y: float(shape) }),
  build: ({ x, y }) => ({ rows: tf.sum(tf.mul(x, y), -1) }),
});

const mapProgram = defineProgram('map a direction', {
  inputs: ({ shape }: { readonly shape: readonly number[]; readonly map: ProgramMap }) => ({
    x: float(shape),
  }),
  build: ({ x }, { map }) => ({ y: applyMap({ map, factor: undefined }, x) }),
});

/** Inner product of every part that both directions have, by part. */
export const dots = async (
  scope: ResidentScope,
  left: Direction,
  right: Direction,
): Promise<ReadonlyMap<string, number>> => {
  const results = new Map<string, number>();
  for (const [use, x] of left) {
    const y = right.get(use);
    if (!y) continue;
    const { rows } = await rowDots({ shape: x.shape }).compute(scope, { x, y });
    let total = 0;
    for (const value of rows.data) total += value;
    results.set(use, total);
  }
  return results;
};

/** ⟨left, right⟩. */
export const dot = async (scope: ResidentScope, left: Direction, right: Direction): Promise<number> =>
  [...(await dots(scope, left, right)).values()].reduce((total, value) => total + value, 0);

/** A map without factors, applied to a gradient; the tensors are new. */
export const mapped = async (
  scope: ResidentScope,
  direction: Direction,
  map: GradientMap,
): Promise<Direction> => {
  const found = new Map<string, Resident>();
  for (const [use, x] of direction)
    found.set(use, (await mapProgram({ shape: x.shape, map: programMap(map) }).run(scope, { x })).y);
  return found;
};

/** A random direction, and the size of its entries. */
export interface RandomDirection {
  readonly direction: Direction;
  /** |entry| by part: the root mean square of the weights there, so that all parts move alike. */
  readonly scales: ReadonlyMap<string, number>;
}

// Entries of a part whose weights are all zero (fresh biases) move this much.
const FALLBACK_SCALE = 0.02;

/** ±scale with random signs, for every parameter that the stages use. */
export const randomDirection = async (
  scope: ResidentScope,
  stages: readonly Stage[],
  weightsOf: (stage: Stage) => Readonly<Record<string, Resident>>,
  seed: number,
): Promise<RandomDirection> => {
  const random = new Mt19937(seed);
  const direction = new Map<string, Resident>();
  const scales = new Map<string, number>();
  for (const stage of stages) {
    const weights = weightsOf(stage);
    for (const [local, ref] of Object.entries(stage.weights)) {
      const use = partKey(ref);
      const own = weights[local];
      if (direction.has(use) || !own) continue;
      const weight: Direction = new Map([[use, own]]);
      const { shape } = own;
      const scale = Math.sqrt((await dot(scope, weight, weight)) / sizeOf(shape)) || FALLBACK_SCALE;
      const entries = new Float32Array(sizeOf(shape));
      let bits = 0;
      for (let i = 0; i < entries.length; i++) {
        if (i % 32 === 0) bits = random.uint32();
        entries[i] = bits & (1 << (i % 32)) ? scale : -scale;
      }
      scales.set(use, scale);
      direction.set(use, await scope.upload(ndarray<'float32'>(entries, shape)));
    }
  }
  return { direction, scales };
};
