import type { EncodedExample } from '@ntk-lens/core';
import { BadArgumentError } from '@ntk-lens/core';
import { SequenceTooLongError, type Stage, stageFunction } from '@ntk-lens/models';
import { NoParametersError } from './errors.js';
import type { ActiveParameters } from './factors/active-parameters.js';
import type { KernelRequest } from './kernel-request.js';
import type { KernelContext } from './pass/kernel-context.js';
import { activeIn, readoutsOf } from './pass/kernel-context.js';
import { chooseKept, type KeptSites } from './plan/kept-outputs.js';
import { kernelBatches } from './plan/kernel-batches.js';
import type { MemoryModel } from './plan/memory.js';
import { type PassPlan, planPasses } from './plan/plan-passes.js';

export const DEFAULT_BATCH = 32;
export const DEFAULT_MEMORY = 4 * 2 ** 30;

/** A checked request: what will be computed, and in which passes. */
export interface PreparedKernels {
  /** All examples, the training examples first, then the splits of `queries` in order. */
  readonly examples: readonly EncodedExample[];
  readonly stages: readonly Stage[];
  readonly active: readonly ActiveParameters[];
  readonly readouts: readonly (readonly number[])[];
  readonly padTo: number;
  readonly batchSize: number;
  readonly memory: MemoryModel;
  readonly plan: PassPlan;
  /** Site outputs that the forward pass keeps for the backward pass. */
  readonly kept: KeptSites;
}

/**
 * Checks a request and plans it, before any work.
 *
 * @throws BadArgumentError, SequenceTooLongError, NoParametersError, MemoryBudgetError
 */
export const prepareKernels = (request: Omit<KernelRequest, 'runtime'>): PreparedKernels => {
  const { model, train, labelWordIds, formula, batchSize = DEFAULT_BATCH, memory = DEFAULT_MEMORY } = request;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new BadArgumentError('batchSize', batchSize, 'a positive integer');
  if (request.binary && labelWordIds.length !== 2) {
    throw new BadArgumentError('binary', `${labelWordIds.length} labels`, 'two labels');
  }
  if (new Set(labelWordIds).size < labelWordIds.length) {
    throw new BadArgumentError('labelWordIds', labelWordIds.join(', '), 'a different token for every label');
  }
  if (train.length === 0) throw new BadArgumentError('train', 'no examples', 'at least one');
  if (request.tied && !model.config.tieWordEmbeddings) {
    throw new BadArgumentError(
      'tied',
      `${model.config.modelType} with a decoder of its own`,
      'a model with tied word embeddings',
    );
  }
  if (request.tied && request.projection)
    throw new BadArgumentError('tied', 'a projection of gradients', 'no projection, or untied decoders');
  const examples = [...train, ...Object.values(request.queries).flat()];
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  for (const [i, length] of lengths.entries()) {
    if (length > model.config.maxTokens) throw new SequenceTooLongError(i, length, model.config.maxTokens);
  }
  const stages = model.stages(labelWordIds);
  const filter = request.parameters ?? (() => true);
  const active = activeIn(stages, filter, request.keepNoise ?? false, request.tied ?? false);
  if (active.every(({ linear, vectors, tables }) => linear.length + vectors.length + tables.length === 0)) {
    throw new NoParametersError([...model.parameters.keys()]);
  }
  const padTo = Math.max(...kernelBatches(lengths, 1, model.config.maxTokens).map((batch) => batch.length));
  const readouts = readoutsOf(labelWordIds.length, request.binary ?? false);
  const stored = new Map([...model.parameters].map(([name, shape]) => [model.storedName(name), shape]));
  const weightBytes = [...stored.values()].reduce(
    (sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1),
    0,
  );
  const memoryModel: MemoryModel = {
    stages,
    active,
    hiddenSize: model.config.hiddenSize,
    outputs: readouts.length,
    formula,
    weightBytes,
    padTo,
  };
  const plan = planPasses(memoryModel, lengths, train.length, batchSize, memory);
  const padded = (indices: readonly number[]) =>
    kernelBatches(
      indices.map((i) => lengths[i]!),
      batchSize,
      model.config.maxTokens,
    ).reduce((sum, batch) => sum + batch.indices.length * batch.length, 0);
  const tokens = Math.max(...plan.passes.map(({ rows, columns }) => padded(rows) + padded(columns)));
  const kept = chooseKept(stages, tokens, memory - plan.peakBytes, readouts.length);
  return { examples, stages, active, readouts, padTo, batchSize, memory: memoryModel, plan, kept };
};

/**
 * Everything that `computeKernels` refuses before any work, and nothing else: needs no runtime, reads no weights.
 *
 * @throws BadArgumentError, SequenceTooLongError, NoParametersError, MemoryBudgetError
 */
export const checkKernelRequest = (request: Omit<KernelRequest, 'runtime'>): void => {
  prepareKernels(request);
};

/** The context of a prepared computation, once the weights are in the runtime. */
export const contextOf = (
  request: KernelRequest,
  prepared: PreparedKernels,
  weights: KernelContext['weights'],
): KernelContext => ({
  runtime: request.runtime,
  model: request.model,
  functionOf: (stage) => stageFunction(request.model.config, stage),
  stages: prepared.stages,
  weights,
  formula: request.formula,
  readouts: prepared.readouts,
  active: prepared.active,
  tied: request.tied ?? false,
  padTo: prepared.padTo,
  kept: prepared.kept,
  ...(request.projection && { projection: request.projection }),
});
