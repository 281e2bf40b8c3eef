import { BadArgumentError, type NDArray, ndarray, zeros } from '@ntk-lens/core';
import { matchParameters } from '@ntk-lens/kernels';
import { addPart, type LanguageModel } from '@ntk-lens/models';
import { NoTargetsError, SubspaceTooLargeError } from '../errors.js';
import { denseProjection } from '../projections/dense.js';
import { gradientProjection, oneGroup } from '../projections/gradient-projection.js';
import { hadamardProjection } from '../projections/hadamard-projection.js';
import type { RandomProjection } from '../projections/random-projection.js';
import type { KernelSpace, ParameterSpace, SpacePoint } from '../space.js';
import { formatSpec, type SpaceSyntax } from '../syntax/space-syntax.js';
import { withAllRows } from './all-rows.js';
import { layersOf, saidGroups } from './intrinsic-layers.js';
import { constantsName, intrinsicStages, SCALES, SHORT, THETA } from './intrinsic-stages.js';
import { type ProjectedUse, projectedSize, projectedUses } from './intrinsic-uses.js';
import { type AddedParameter, createSpaceModel } from './space-model.js';

export interface IntrinsicOptions {
  /** k, the dimension of the subspace, layer scales included. */
  readonly dimension: number;
  /**
   * `dense`: independent Gaussian entries, D · k of them; choose it for small k and small models. `hadamard`:
   * structured as Fastfood is, O(D log k). Default: dense while D · k is at most 2²⁴.
   */
  readonly projection?: 'dense' | 'hadamard';
  /** One trainable scale per layer, taken out of k (SAID; Aghajanyan et al. 2021). Default: false. */
  readonly said?: boolean;
  /** Globs on the names of the parameters that move. Default: all. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

const MOST_DENSE = 2 ** 24;

/**
 * A random subspace θ = θ₀ + Πz of k dimensions (Li et al. 2018; Aghajanyan et al. 2021), z = 0 at first; with
 * `said`, θ_l = θ₀_l + λ_l (Πz)_l. Its kernel is that of Πᵀ∇f, which is the full one on average.
 *
 * @example
 * ```ts
 * const space = await intrinsicSpace({ dimension: 1000 }).apply(model, { seed: 1 });
 * const { train } = await computeKernels({ ...request, ...space.kernel, formula: 'sgd' });
 * ```
 * @throws BadArgumentError for a dimension that is not positive
 */
export const intrinsicSpace = (options: IntrinsicOptions): ParameterSpace => {
  const { dimension, said = false, include, exclude } = options;
  if (!(Number.isInteger(dimension) && dimension > 0))
    throw new BadArgumentError('dimension', dimension, 'a positive integer');
  const moves = matchParameters({ include, exclude });
  return {
    spec: formatSpec('intrinsic', { k: dimension, projection: options.projection, said, include, exclude }),
    async apply(base, { seed = 0 } = {}) {
      const size = projectedSize(base, moves);
      if (size === 0) throw new NoTargetsError(include ?? ['*'], [...base.parameters.keys()]);
      if (dimension > size)
        throw new SubspaceTooLargeError(dimension, size, 'the number of parameters that move');
      const layers = said ? layersOf(base, moves) : undefined;
      const count = layers?.names.length ?? 0;
      const k = dimension - count;
      if (k < 1) throw new BadArgumentError('dimension', dimension, `more than the ${count} layer scales`);
      const kind = options.projection ?? (size * k <= MOST_DENSE ? 'dense' : 'hadamard');
      const projection = (kind === 'dense' ? denseProjection : hadamardProjection)(k, seed);
      return createSpaceModel({
        base,
        space: this,
        seed,
        added: addedParameters(base, projection, moves, count),
        stages: (stages) =>
          intrinsicStages(stages, {
            projection,
            moves,
            layers: count,
            layerOf: layers?.indexOf,
          }),
        merge: async (model) => {
          const { model: moved } = model.kernel;
          const merged = new Map<string, NDArray<'float32'>>();
          for (const name of base.parameters.keys())
            if (moves(name)) merged.set(name, await moved.read(name));
          return merged;
        },
        kernel: (point, model): KernelSpace => {
          const z = point.get(THETA)?.data ?? new Float32Array(k);
          const scales = point.get(SCALES)?.data ?? new Float32Array(count).fill(1);
          const groups = layers ? saidGroups(layers, z, scales) : oneGroup(k);
          return {
            model: {
              ...movedModel(base, point, projection, moves, (name) =>
                layers ? scales[layers.indexOf(name)]! : 1,
              ),
              // The subspace matters to a caller that stores kernels.
              hash: () => model.hash(),
            },
            parameters: moves,
            projection: gradientProjection(projection, groups),
          };
        },
      });
    },
  };
};

/** The uses of a model's parameters, one per key: label rows are all rows here. */
const allUses = (model: LanguageModel, moves: (name: string) => boolean): ProjectedUse[] => [
  ...new Map(
    model.stages([0]).flatMap((stage) => projectedUses(stage, moves).map((use) => [use.key, use] as const)),
  ).values(),
];

const addedParameters = (
  base: LanguageModel,
  projection: RandomProjection,
  moves: (name: string) => boolean,
  layers: number,
): Map<string, AddedParameter> => {
  const k = projection.dimension;
  const added = new Map<string, AddedParameter>([
    [THETA, { shape: [k], initial: () => zeros('float32', [k]) }],
    [SHORT, { shape: [2, projection.size], fixed: true, initial: () => projection.shortConstants() }],
  ]);
  if (layers > 0) {
    const initial = () => ndarray<'float32'>(new Float32Array(layers).fill(1), [layers]);
    added.set(SCALES, { shape: [layers], initial });
  }
  for (const { key, rows, width } of allUses(base, moves)) {
    const shape = [rows, projection.columns(width)];
    const initial = () => projection.constants({ key, row: 0, rows, width });
    added.set(constantsName(key), { shape, fixed: true, initial });
  }
  return added;
};

/** The base model with its parameters moved to a point of the subspace. */
const movedModel = (
  base: LanguageModel,
  point: SpacePoint,
  projection: RandomProjection,
  moves: (name: string) => boolean,
  scaleOf: (parameter: string) => number,
): LanguageModel => {
  const z = point.get(THETA);
  if (!z) return base;
  const short = projection.lengthen(z.data);
  const uses = new Map<string, ProjectedUse[]>();
  for (const use of allUses(base, moves)) uses.set(use.ref.name, [...(uses.get(use.ref.name) ?? []), use]);
  const read = async (name: string): Promise<NDArray<'float32'>> => {
    const weight = await base.read(name);
    for (const { key, rows, width, ref } of uses.get(name) ?? []) {
      const change = projection.expand(short, { key, row: 0, rows, width });
      addPart(weight.data, withAllRows(ref), change, scaleOf(name));
    }
    return weight;
  };
  return {
    ...base,
    read,
    storedName: (name) => (uses.has(name) ? `space:${name}` : base.storedName(name)),
  };
};

export const intrinsicSyntax: SpaceSyntax = {
  name: 'intrinsic',
  usage: 'intrinsic:1000[,projection=dense|hadamard,said=true,include=GLOB+…,exclude=GLOB+…]',
  summary: 'a random subspace of all parameters',
  first: 'k',
  parse: (args) => {
    const dimension = args.required('k', args.integer('k', 1));
    const projection = args.choice('projection', ['dense', 'hadamard']);
    const said = args.flag('said');
    const [include, exclude] = [args.list('include'), args.list('exclude')];
    return intrinsicSpace({
      dimension,
      projection,
      said,
      include,
      exclude,
    });
  },
};
