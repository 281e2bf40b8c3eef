import { BadArgumentError, type NDArray, sameShape, sha256, sizeOf } from '@ntk-lens/core';
import type { LanguageModel, ModelConfig, Stage } from '@ntk-lens/models';
import { NotMergeableError } from '../errors.js';
import type { KernelSpace, ParameterSpace, SpaceModel, SpacePoint } from '../space.js';

/** A parameter that a space adds to a model. */
export interface AddedParameter {
  readonly shape: readonly number[];
  /** Its value at the starting point, a fresh array on every call. */
  initial(): NDArray<'float32'> | Promise<NDArray<'float32'>>;
  /** Fixed parameters do not move. Default: false. */
  readonly fixed?: boolean;
}

/** The parts that a space changes or adds when it takes in a model. */
export interface SpaceParts {
  readonly base: LanguageModel;
  readonly space: ParameterSpace;
  readonly seed: number;
  /** The model's stages with the space's sites. Default: as they are. */
  readonly stages?: (stages: readonly Stage[]) => readonly Stage[];
  readonly config?: ModelConfig;
  readonly added?: ReadonlyMap<string, AddedParameter>;
  /** True for the names of the model's own parameters that move. Default: none. */
  readonly moves?: (name: string) => boolean;
  /**
   * The base parameters that express the added ones at a point; `false` where none do.
   */
  readonly merge?: false | ((model: SpaceModel) => Promise<SpacePoint>);
  /** Given where kernels are not simply those over the trainable parameters. */
  readonly kernel?: (point: SpacePoint, model: SpaceModel) => KernelSpace;
}

/** Puts together the model in a space, at the starting point or at `point`. */
export const createSpaceModel = (parts: SpaceParts, point: SpacePoint = new Map()): SpaceModel => {
  const { base, space, seed, added = new Map<string, AddedParameter>(), moves = () => false } = parts;
  const parameters = new Map(base.parameters);
  const trainable = new Map<string, readonly number[]>();
  for (const [name, shape] of base.parameters) if (moves(name)) trainable.set(name, shape);
  for (const [name, { shape, fixed }] of added) {
    parameters.set(name, shape);
    if (!fixed) trainable.set(name, shape);
  }
  for (const [name, { shape }] of point) {
    const expected = trainable.get(name);
    if (!expected) {
      const known = [...trainable.keys()];
      throw new BadArgumentError('point', name, `a trainable parameter of ${space.spec}, e.g. ${known[0]}`);
    }
    if (!sameShape(shape, expected))
      throw new BadArgumentError(`point: ${name}`, `shape [${shape}]`, `[${expected}]`);
  }
  let hash: Promise<string> | undefined;
  const model: SpaceModel = {
    base,
    space,
    seed,
    config: parts.config ?? base.config,
    parameters,
    trainable,
    dimension: [...trainable.values()].reduce((sum, shape) => sum + sizeOf(shape), 0),
    startsAtModel: parts.merge !== false && point.size === 0,
    stages: (labelWordIds) => {
      const stages = base.stages(labelWordIds);
      return parts.stages ? parts.stages(stages) : stages;
    },
    read: async (name, options) => {
      const moved = point.get(name);
      if (moved) return { ...moved, data: moved.data.slice() };
      return (await added.get(name)?.initial()) ?? base.read(name, options);
    },
    // A moved parameter no longer shares what is stored with another one (a tied decoder).
    storedName: (name) => (point.has(name) || added.has(name) ? `space:${name}` : base.storedName(name)),
    storedBytes: (name) => (point.has(name) || added.has(name) ? undefined : base.storedBytes?.(name)),
    hash: () => (hash ??= hashOf(parts, point)),
    close: () => base.close(),
    get kernel() {
      return parts.kernel?.(point, model) ?? { model, parameters: (name: string) => trainable.has(name) };
    },
    merged: async () => {
      if (parts.merge === false) throw new NotMergeableError(space.spec);
      const own = [...point].filter(([name]) => base.parameters.has(name));
      return new Map([...own, ...((await parts.merge?.(model)) ?? [])]);
    },
    at: (values) => createSpaceModel(parts, new Map([...point, ...values])),
  };
  return model;
};

const hashOf = async ({ base, space, seed }: SpaceParts, point: SpacePoint): Promise<string> => {
  const hash = sha256().update(JSON.stringify([await base.hash(), space.spec, seed]));
  for (const [name, { data, shape }] of [...point].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(data);
  }
  return hash.hex();
};
