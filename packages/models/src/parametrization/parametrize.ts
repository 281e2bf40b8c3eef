import { BadArgumentError } from '@ntk-lens/core';
import type { ModelConfig } from '../architectures/registry.js';
import { type ParameterRange, rangeOf } from '../sites/parameter-ref.js';
import { ParametrizationError } from './errors.js';
import {
  attentionExponent,
  learningRateFactor,
  type ParametrizationName,
  parametrizationNames,
  type StepKind,
  stepKinds,
  type WidthRole,
  widthExponents,
} from './parametrizations.js';
import { type WidthUse, widthUses } from './width-uses.js';

/** A parametrization, and the width at which it is the standard one. */
export interface ParametrizationOptions {
  readonly name: ParametrizationName;
  /** Hidden size at which all parametrizations coincide, so that learning rates tuned there can be used. */
  readonly baseWidth: number;
}

/** Scales of one use of a parameter at a model's width. */
export interface WidthScale {
  readonly parameter: string;
  /** The range, if the use is a range of the parameter (GPT-2's fused projection). */
  readonly range?: ParameterRange;
  readonly kind: WidthUse['kind'];
  /** Value of a scale that changes nothing; absent for everything else. */
  readonly identity?: number;
  readonly role: WidthRole;
  /** Standard deviation of initial weights; 0 for biases and LayerNorm's shift. */
  readonly std: number;
  /** Factors on the learning rate. */
  readonly learningRate: Readonly<Record<StepKind, number>>;
  /** Makes attention queries, into which the multiplier of attention scores is folded. */
  readonly query: boolean;
}

/** A parametrization of one model. */
export interface Parametrized {
  readonly scales: readonly WidthScale[];
  /** The factor on stored queries, compared with those of the unfolded parametrization. */
  readonly queryMultiplier: number;
  /** Factor on the learning rate of a parameter, or of a range of it: for `fineTune`'s `learningRateScale`. */
  learningRateScale(step: StepKind): (parameter: string, range?: WidthScale['range']) => number;
}

/** Embeddings at every width, as many times their LayerNorm as Adam's steps can move in a short training. */
const EMBEDDING_STD = 0.1;

const forEachStep = (of: (step: StepKind) => number): WidthScale['learningRate'] =>
  Object.fromEntries(
    (Object.keys(stepKinds) as StepKind[]).map((step) => [step, of(step)]),
  ) as WidthScale['learningRate'];

/**
 * Initial standard deviations and learning-rate factors of every parameter of an architecture (docs/widths.md has the
 * table). At the base width all factors are 1 and all parametrizations are one: normal weights of variance 1/fan-in.
 *
 * @example
 * ```ts
 * const { learningRateScale } = parametrize(untied.config, { name: 'mup', baseWidth: 64 });
 * await fineTune({ ...training, model: untied, optimizer: { name: 'adam' }, learningRateScale: learningRateScale('adam') });
 * ```
 * @throws ParametrizationError for `mean-field` with hidden matrices, and for a decoder tied to the embeddings with
 *   any but `standard`: one tensor cannot be scaled in two ways
 */
export const parametrize = (config: ModelConfig, options: ParametrizationOptions): Parametrized => {
  const { name, baseWidth } = options;
  if (!parametrizationNames.includes(name))
    throw new BadArgumentError('parametrization', name, parametrizationNames.join(', '));
  if (!(Number.isInteger(baseWidth) && baseWidth >= 1))
    throw new BadArgumentError('baseWidth', baseWidth, 'a positive integer');
  if (config.tieWordEmbeddings && name !== 'standard') {
    throw new ParametrizationError(
      name,
      'a decoder tied to the word embeddings',
      'tie_word_embeddings: false, since the two scale differently with width',
    );
  }
  const m = config.hiddenSize / baseWidth;
  // Scores are divided by √d at every width by the architecture; the rest of the multiplier goes into the queries.
  const queryMultiplier = m ** (attentionExponent(name) + 0.5);
  const scales = widthUses(config).map((use): WidthScale => {
    const { ref, role, kind, identity, query, fanIn } = use;
    const exponents = widthExponents(name, role);
    if (!exponents) {
      throw new ParametrizationError(
        name,
        `${ref.name}, a matrix between two hidden layers`,
        'a network with one hidden layer',
      );
    }
    const folded = query ? queryMultiplier : 1;
    const base = kind === 'table' ? EMBEDDING_STD : kind === 'weight' ? 1 / Math.sqrt(fanIn) : 0;
    // In the standard deviation, fan-in has the exponent −½ already.
    const grown = role === 'hidden' || role === 'output' ? exponents.std + 0.5 : exponents.std;
    const range = rangeOf(ref);
    return {
      parameter: ref.name,
      range,
      kind,
      identity,
      role,
      std: base * m ** grown * folded,
      learningRate: forEachStep((step) => m ** exponents[step] * learningRateFactor(step, folded)),
      query,
    };
  });
  const key = (parameter: string, range: WidthScale['range']) =>
    range ? `${parameter} ${range.axis}:${range.start}` : parameter;
  const byKey = new Map(scales.map((scale) => [key(scale.parameter, scale.range), scale]));
  return {
    scales,
    queryMultiplier,
    learningRateScale: (step) => (parameter, range) =>
      byKey.get(key(parameter, range))?.learningRate[step] ?? 1,
  };
};
