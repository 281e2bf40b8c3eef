import { tf } from '@ntk-lens/engine';
import {
  defineExtension,
  embeddingSite,
  localName,
  type ParameterRef,
  rowsOf,
  type Site,
  type Stage,
} from '@ntk-lens/models';
import type { RandomProjection } from '../projections/random-projection.js';
import { type ProjectedUse, projectedUses } from './intrinsic-uses.js';

/** Coordinates, layer scales and the projection's constants, as parameters. */
export const THETA = 'intrinsic.coordinates';
export const SCALES = 'intrinsic.scales';
export const SHORT = 'intrinsic.short';
/** Name of the constants of a parameter, or of the range of it that is used. */
export const constantsName = (key: string): string => `intrinsic.constants ${key}`;

export interface IntrinsicStagesOptions {
  readonly projection: RandomProjection;
  readonly moves: (name: string) => boolean;
  /** Index of a parameter's layer in the scales; without scales absent. */
  readonly layerOf?: (name: string) => number;
  /** Number of layers. */
  readonly layers: number;
}

/** A weight that moves; all but `width` are local names. */
interface MovedWeight {
  readonly weight: string;
  readonly constants: string;
  /** Absent without layer scales. */
  readonly scale: string | undefined;
  /** Numbers per row. */
  readonly width: number;
}

interface MoveSettings {
  readonly projection: RandomProjection;
  readonly moved: readonly MovedWeight[];
}

/** W + λ (Πz) in place of weights W. */
const withMovedWeights = defineExtension(({ projection, moved }: MoveSettings, { weights }) => {
  const short = projection.lengthenTensor(weights[THETA]!, weights[SHORT]!);
  const changed = moved.map(({ weight: local, constants, scale, width }) => {
    const weight = weights[local]!;
    const change = projection.up(scale ? short.mul(weights[scale]!) : short, weights[constants]!, width);
    return [local, tf.add(weight, change.reshape(weight.shape))] as const;
  });
  return { weights: { ...weights, ...Object.fromEntries(changed) } };
});

/**
 * Stages whose weights are W + λ_l (Πz) with z, and λ where there are layer scales, as parameters. Only for
 * training: kernels project the gradients of the plain stages instead.
 */
export const intrinsicStages = (stages: readonly Stage[], options: IntrinsicStagesOptions): Stage[] =>
  stages.map((stage) => {
    const uses = projectedUses(stage, options.moves);
    return uses.length === 0 ? stage : intrinsicStage(stage, uses, options);
  });

const intrinsicStage = (
  stage: Stage,
  uses: readonly ProjectedUse[],
  { projection, layerOf, layers }: IntrinsicStagesOptions,
): Stage => {
  const weights: Record<string, ParameterRef> = {
    [THETA]: { name: THETA, shape: [projection.dimension] },
    [SHORT]: { name: SHORT, shape: [2, projection.size] },
  };
  const sites: Site[] = [];
  const moved = uses.map(({ local, ref, key, rows, width, words }): MovedWeight => {
    const chosen = rowsOf(ref);
    const own = `${local} constants`;
    const table: ParameterRef = {
      name: constantsName(key),
      shape: [rows, projection.columns(width)],
      part: chosen && { rows: chosen },
    };
    // A table's constants are chosen by the same ids as its rows.
    if (words) sites.push(embeddingSite(own, 'ids', table));
    else weights[own] = table;
    const layer = layerOf?.(ref.name);
    const scale = layer === undefined ? undefined : `${SCALES}.${layer}`;
    if (scale !== undefined && layer !== undefined)
      weights[scale] = { name: SCALES, shape: [layers], part: { axis: 0, start: layer, size: 1 } };
    return { weight: local, constants: words ? localName({ name: own }, 'table') : own, scale, width };
  });
  return withMovedWeights(stage, { sites, weights, settings: { projection, moved } });
};
