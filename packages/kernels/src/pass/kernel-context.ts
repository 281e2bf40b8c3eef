import type { Formula } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { LanguageModel, Stage, StageWeights } from '@ntk-lens/models';
import {
  type ActiveParameters,
  activeParameters,
  type ParameterFilter,
} from '../factors/active-parameters.js';

/** Everything that stays the same during a kernel computation. */
export interface KernelContext {
  readonly runtime: Runtime;
  readonly model: LanguageModel;
  /** Identifies the function that a stage computes. */
  functionOf(stage: Stage): string;
  readonly stages: readonly Stage[];
  readonly weights: StageWeights;
  readonly formula: Formula;
  /** Outputs f as combinations `[C, L]` of the label-word logits: the identity, or (−1, 1) in binary mode. */
  readonly readouts: readonly (readonly number[])[];
  readonly active: readonly ActiveParameters[];
  /** The decoder and the word embeddings are one parameter with two uses. */
  readonly tied: boolean;
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
): ActiveParameters[] => stages.map((stage) => activeParameters(stage, filter, keepNoise));
