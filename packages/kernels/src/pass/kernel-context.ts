import type { Formula } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { LanguageModel, ParameterRef, Stage, StageWeights } from '@ntk-lens/models';
import {
  type ActiveParameters,
  activeParameters,
  type ParameterFilter,
} from '../factors/active-parameters.js';

import type { KeptSites } from '../plan/kept-outputs.js';
import type { GradientProjection } from '../projected/gradient-projection.js';

/** What running examples through the stages needs. */
export interface PassContext {
  readonly runtime: Runtime;
  /** Identifies the function that a stage computes. */
  functionOf(stage: Stage): string;
  readonly stages: readonly Stage[];
  readonly weights: StageWeights;
  /** Outputs f as combinations `[C, L]` of the label-word logits: the identity, or (−1, 1) in binary mode. */
  readonly readouts: readonly (readonly number[])[];
  /** Site outputs that the forward pass keeps for the backward pass; none where absent. */
  readonly kept?: KeptSites;
}

/** Everything that stays the same during a kernel computation. */
export interface KernelContext extends PassContext {
  readonly model: LanguageModel;
  readonly formula: Formula;
  readonly active: readonly ActiveParameters[];
  /** The decoder and the word embeddings are one parameter with two uses. */
  readonly tied: boolean;
  /** Kernels are taken over the coordinates of this projection instead of the parameters. */
  readonly projection?: GradientProjection;
  /** Longest padded length of any batch. */
  readonly padTo: number;
}

/** In binary mode one output, logit₁ − logit₀; else one per label (DESIGN §5). */
export const readoutsOf = (labels: number, binary: boolean): number[][] =>
  binary
    ? [[-1, 1]]
    : Array.from({ length: labels }, (_, i) => Array.from({ length: labels }, (_, j) => (i === j ? 1 : 0)));

/** The active parameters of every stage. */
export const activeIn = (
  stages: readonly Stage[],
  filter: ParameterFilter,
  keepNoise: boolean,
  tied: boolean,
): ActiveParameters[] => {
  // A tied decoder goes by the name of the word embeddings.
  const words = stages
    .flatMap(({ sites }) => sites)
    .find((site) => site.kind === 'embedding' && site.ids === 'ids');
  const withWords = words?.kind === 'embedding' && filter(words.table.name);
  return stages.map((stage) => {
    const decoder = stage.sites.find((site) => site.kind === 'linear' && isDecoder(site.weight));
    const decoderName = decoder?.kind === 'linear' ? decoder.weight.name : undefined;
    return activeParameters(
      stage,
      (name) => (tied && name === decoderName ? withWords : filter(name)),
      keepNoise,
    );
  });
};

/** True for the rows of a decoder that the label words use. */
export const isDecoder = ({ part }: ParameterRef): boolean => part !== undefined && 'rows' in part;
