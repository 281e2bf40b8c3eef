import type { EncodedExample, LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  checkSequences,
  DEFAULT_MEMORY,
  type LabelWordIds,
  type LanguageModel,
  withWordRows,
  wordRowsOf,
} from '@ntk-lens/models';
import { NoParametersError } from '../errors.js';
import { activeIn, allActive, type ParameterFilter } from '../factors/active-parameters.js';
import type { WeightDirection } from '../formulas/weight-direction.js';
import { logitWeightsOf } from '../request/logit-weights.js';
import { DEFAULT_BATCH } from '../request/size-request.js';
import { type DirectionalDerivatives, Jacobian } from './jacobian.js';

export interface DerivativeRequest extends LongTaskOptions {
  /** At the point θ where the derivatives are taken. */
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  readonly examples: readonly EncodedExample[];
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  /** Vectors v in parameter space; one backward pass serves all. */
  readonly directions: readonly WeightDirection[];
  /** One output, logit₁ − logit₀, instead of one per label; needs two labels. */
  readonly binary?: boolean;
  /** Parameters that move, by Hugging Face name; directions are zero elsewhere. Default: all. */
  readonly parameters?: ParameterFilter;
  /** Examples that run together. Default: 32. */
  readonly batchSize?: number;
  /** Budget in bytes for everything: weights that exceed it are read stage by stage. Default: 4 GiB. */
  readonly memory?: number;
  /** Read the weights stage by stage, or not, whatever the budget. For the same groups, the numbers are the same. */
  readonly streamed?: boolean;
}

/**
 * Jacobian-vector products J v of all examples and logits without forward-mode autodiff: the cotangent that each
 * site's output has anyway, against what the site computes with v in place of its parameters (docs/theory.md, Directional derivatives). With
 * v = θ_t − θ₀, f(·; θ₀) + J v is f linearized at θ₀.
 *
 * @example
 * ```ts
 * const { logits, derivatives: [change] } = await directionalDerivatives({
 *   model, runtime, examples, labelWordIds, directions: [weightDifference(tuned, model)],
 * });
 * const linearized = logits.data.map((f, i) => f + change!.data[i]!);
 * ```
 * @returns float64, summed over tokens and layers in float64
 * @throws BadArgumentError, SequenceTooLongError, NoParametersError, MemoryBudgetError before any work
 * @throws NonFiniteWeightError, NonFiniteActivationError; CancelledError
 */
export const directionalDerivatives = async (request: DerivativeRequest): Promise<DirectionalDerivatives> => {
  const { model, labelWordIds, examples, batchSize = DEFAULT_BATCH, memory = DEFAULT_MEMORY } = request;
  const logitWeights = logitWeightsOf(labelWordIds.length, request.binary);
  const own = model.stages(labelWordIds);
  checkSequences(examples, own, model.config);
  const words = wordRowsOf(examples, model.config);
  const stages = withWordRows(own, words);
  const active = activeIn(stages, request.parameters ?? (() => true), false, false);
  if (active.every((own) => allActive(own).length === 0))
    throw new NoParametersError([...model.parameters.keys()]);
  const { runtime, streamed, directions } = request;
  const jacobian = new Jacobian(
    {
      ...{ model, stages, active, logitWeights, words, batchSize, memory, streamed },
      what: 'The derivatives',
    },
    runtime,
  );
  try {
    return await jacobian.times(examples, directions, request);
  } finally {
    await jacobian.close();
  }
};
