import type { NDArray } from '@ntk-lens/core';
import type { KernelRequest } from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';

/**
 * A space says where θ may move from θ₀ (docs/theory.md, Subspaces): it turns a model into one with other
 * parameters. Fine-tuning moves along them, kernels are taken over them. A new space is one file that implements this
 * and one entry in `spaceSyntaxes`.
 */
export interface ParameterSpace {
  /** The text that `parseSpace` makes this space of, with all options that matter. */
  readonly spec: string;
  /**
   * The model in this space, at the space's starting point.
   *
   * @param model stays usable, and is closed with the result
   * @throws NoTargetsError, RankTooLargeError, SubspaceTooLargeError when the space does not fit the model
   */
  apply(model: LanguageModel, options?: ApplyOptions): Promise<SpaceModel>;
}

/**
 * True for the space of all parameters.
 *
 * @example
 * ```ts
 * isFull(parseSpace('full')); // true
 * isFull(parseSpace('bitfit')); // false
 * ```
 */
export const isFull = ({ spec }: Pick<ParameterSpace, 'spec'>): boolean => spec === 'full';

export interface ApplyOptions {
  /** Seed of everything that the space draws at random. Default: 0. */
  readonly seed?: number;
}

/** The part of a `KernelRequest` that a space determines. */
export type KernelSpace = Pick<KernelRequest, 'model' | 'parameters' | 'projection'>;

/** Values of trainable parameters by name: a point of a space, or a change of it. */
export type SpacePoint = ReadonlyMap<string, NDArray<'float32'>>;

/**
 * A model in a parameter space: its stages have the space's own sites and parameters among the model's. It
 * is a language model like any other; only `trainable` parameters move.
 */
export interface SpaceModel extends LanguageModel {
  readonly base: LanguageModel;
  readonly space: ParameterSpace;
  readonly seed: number;
  /** Names and shapes of the parameters that move; `read` gives their values at this point. */
  readonly trainable: ReadonlyMap<string, readonly number[]>;
  /** Numbers in all trainable parameters. */
  readonly dimension: number;
  /**
   * True at a starting point that computes what `base` does; prefixes and soft prompts change it at once, adapters
   * were trained.
   */
  readonly startsAtModel: boolean;
  /**
   * The part of the request with which `computeKernels` gives the kernel over this space at this point.
   *
   * @example
   * ```ts
   * const lora = await parseSpace('lora:r=8').apply(model);
   * const { train } = await computeKernels({ ...request, ...lora.kernel, formula: 'sgd' });
   * ```
   */
  readonly kernel: KernelSpace;
  /**
   * The plain model that computes the same: new values of the base model's own parameters, for `saveModel`.
   *
   * @throws NotMergeableError for spaces that no weights express: prefixes and soft prompts
   */
  merged(): Promise<SpacePoint>;
  /**
   * The same space at another point.
   *
   * @param point values of trainable parameters; those not named stay
   * @throws BadArgumentError for a name that is not trainable, or another shape
   */
  at(point: SpacePoint): SpaceModel;
}
