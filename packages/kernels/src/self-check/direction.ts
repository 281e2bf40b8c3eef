import { Mt19937, ndarray, sizeOf } from '@ntk-lens/core';
import { type Program, type Resident, sign, tf } from '@ntk-lens/engine';
import type { ParameterRef, Stage } from '@ntk-lens/models';
import type { ResidentScope } from '../resident-scope.js';

/**
 * A vector in parameter space: one resident tensor per used part of a parameter ({@link useOf}), zero for
 * parts that it does not name. Sites that share a parameter share the entry.
 */
export type Direction = ReadonlyMap<string, Resident>;

/** Names a parameter, or the part of it that a site uses. */
export const useOf = ({ name, part }: ParameterRef): string => `${name} ${JSON.stringify(part ?? null)}`;

const vector = (shape: readonly number[]) => ({ dtype: 'float32', shape }) as const;

// Partial sums over the last axis stay short in float32; the rest is added in float64.
const dotProgram = (shape: readonly number[]): Program => ({
  name: 'dot',
  inputs: { x: vector(shape), y: vector(shape) },
  build: ({ x, y }) => ({ rows: tf.sum(tf.mul(x!, y!), -1) }),
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
    const { rows } = await scope.compute(dotProgram(x.shape), { x, y });
    let total = 0;
    for (const value of rows!.data) total += value;
    results.set(use, total);
  }
  return results;
};

/** ⟨left, right⟩. */
export const dot = async (scope: ResidentScope, left: Direction, right: Direction): Promise<number> =>
  [...(await dots(scope, left, right)).values()].reduce((total, value) => total + value, 0);

/** Elementwise sign of a direction. */
export const signOf = async (scope: ResidentScope, direction: Direction): Promise<Direction> => {
  const signs = new Map<string, Resident>();
  for (const [use, x] of direction) {
    const program: Program = {
      name: 'sign',
      inputs: { x: vector(x.shape) },
      build: (inputs) => ({ y: sign(inputs['x']!) }),
    };
    signs.set(use, (await scope.run(program, { x }))['y']!);
  }
  return signs;
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
      const use = useOf(ref);
      if (direction.has(use)) continue;
      const weight: Direction = new Map([[use, weights[local]!]]);
      const { shape } = weights[local]!;
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
