import type { Resident, TensorSpec } from '@ntk-lens/engine';
import { usedShape } from '../sites/parameter-ref.js';
import { type Side, sideShapes, sideTypes } from '../stages/side-inputs.js';
import type { Stage } from '../stages/stage.js';

/** By name: weights by local name, values of sites by site, dropout masks by place. */
export type Named<Leaf> = Readonly<Record<string, Leaf>>;

/** All that a stage is applied to. */
export interface StageTensors<Leaf> {
  readonly weights: Named<Leaf>;
  readonly side: Side<Leaf>;
  /** Hidden state; absent for the first stage. */
  readonly x: Leaf | undefined;
  /** Factors 0 or 1/(1 − p) by place of dropout; none outside of training. */
  readonly masks: Named<Leaf>;
}

export type StageShapes = StageTensors<readonly number[]>;

const float = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

/** @internal The same record with other values. */
export const mapNamed = <T, U>(record: Named<T>, f: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

const mapSide = <T, U>(side: Side<T>, f: (value: T, name: keyof Side<T>) => U): Side<U> => ({
  ids: f(side.ids, 'ids'),
  positions: f(side.positions, 'positions'),
  types: f(side.types, 'types'),
  attention: f(side.attention, 'attention'),
  readout: f(side.readout, 'readout'),
  branches: side.branches === undefined ? undefined : f(side.branches, 'branches'),
});

/** @internal Types and shapes of tensors in float32, by name. */
export const floatSpecs = (shapes: Named<readonly number[]>): Named<TensorSpec> => mapNamed(shapes, float);

/** Types and shapes of the side inputs. */
export const sideSpecs = (shapes: Side<readonly number[]>): Side<TensorSpec> =>
  mapSide(shapes, (shape, name) => ({ dtype: sideTypes[name], shape }));

/** @internal Types and shapes of what a stage is applied to. */
export const stageSpecs = ({ weights, side, x, masks }: StageShapes): StageTensors<TensorSpec> => ({
  weights: floatSpecs(weights),
  side: sideSpecs(side),
  x: x && float(x),
  masks: floatSpecs(masks),
});

/** Shapes of resident tensors. */
export const shapesOf = ({ weights, side, x, masks }: StageTensors<Resident>): StageShapes => ({
  weights: mapNamed(weights, ({ shape }) => shape),
  side: mapSide(side, ({ shape }) => shape),
  x: x?.shape,
  masks: mapNamed(masks, ({ shape }) => shape),
});

/** @internal Shapes of what a stage is applied to for n examples padded to T tokens, before there are any tensors. */
export const plannedShapes = (
  stage: Stage,
  n: number,
  length: number,
  x: readonly number[] | undefined,
): StageShapes => ({
  weights: mapNamed(stage.weights, usedShape),
  side: sideShapes(n, length, stage.reads),
  x,
  masks: {},
});
