import type { Formula } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { LanguageModel, Stage } from '@ntk-lens/models';
import {
  type ActiveParameters,
  activeParameters,
  type ParameterFilter,
} from '../factors/active-parameters.js';
import type { StageWeights } from './stage-weights.js';

/** Everything that stays the same during a kernel computation. */
export interface KernelContext {
  readonly runtime: Runtime;
  readonly model: LanguageModel;
  /** Identifies the functions that the model's stages compute. */
  readonly modelKey: string;
  readonly stages: readonly Stage[];
  readonly weights: StageWeights;
  readonly formula: Formula;
  /** Outputs f as combinations `[C, L]` of the label-word logits: the identity, or (−1, 1) in binary mode. */
  readonly readouts: readonly (readonly number[])[];
  readonly active: readonly ActiveParameters[];
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
