import type { tf } from '@ntk-lens/engine';
import { tf as ops } from '@ntk-lens/engine';
import type { ParameterRef, Site, Stage } from '@ntk-lens/models';
import type { RandomProjection } from '../projections/random-projection.js';
import { extendStage } from './extend-stage.js';
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
  const scaled = layerOf ? [...new Set(uses.map(({ ref }) => layerOf(ref.name)))] : [];
  const extra: Record<string, ParameterRef> = {
    [THETA]: { name: THETA, shape: [projection.dimension] },
    [SHORT]: { name: SHORT, shape: [2, projection.size] },
    ...Object.fromEntries(
      scaled.map((layer) => [
        `${SCALES}.${layer}`,
        { name: SCALES, shape: [layers], part: { axis: 0, start: layer, size: 1 } },
      ]),
    ),
  };
  const sites: Site[] = [];
  for (const { local, ref, key, rows, width, words } of uses) {
    const { part } = ref;
    const constants: ParameterRef = {
      name: constantsName(key),
      shape: [rows, projection.columns(width)],
      ...(part && 'rows' in part && { part }),
    };
    // A table's constants are chosen by the same ids as its rows.
    if (words) sites.push({ kind: 'embedding', name: constantsLocal(local), ids: 'ids', table: constants });
    else extra[constantsLocal(local)] = constants;
  }
  const extended = extendStage(stage, {
    kind: `${projection.name} ${projection.dimension} [${uses.map(({ local }) => local)}] scales [${scaled}]`,
    sites,
    apply: (inner) => (context, weights, side, x) => {
      const short = projection.lengthenTensor(weights[THETA]!, weights[SHORT]!);
      const moved: Record<string, tf.Tensor> = { ...weights };
      for (const { local, ref, width, words } of uses) {
        const scale = layerOf && weights[`${SCALES}.${layerOf(ref.name)}`]!;
        const constants = weights[words ? `${constantsLocal(local)}.table` : constantsLocal(local)]!;
        const change = projection.up(scale ? short.mul(scale) : short, constants, width);
        moved[local] = ops.add(weights[local]!, change.reshape(weights[local]!.shape));
      }
      return inner(context, moved, side, x);
    },
  });
  return { ...extended, weights: { ...extended.weights, ...extra } };
};

const constantsLocal = (local: string): string => `${local} constants`;
