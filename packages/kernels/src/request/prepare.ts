import type { EncodedExample } from '@ntk-lens/core';
import { BadArgumentError } from '@ntk-lens/core';
import { type MachineRates, rateNames, usualRates } from '@ntk-lens/engine';
import {
  checkSequences,
  DEFAULT_MEMORY,
  firstPosition,
  type LogitWeights,
  type ModelConfig,
  type Stage,
  type WordRows,
  withWordRows,
  wordRowsOf,
} from '@ntk-lens/models';
import { NoParametersError } from '../errors.js';
import { type ActiveParameters, activeIn, allActive } from '../factors/active-parameters.js';
import type { KernelFormula } from '../formulas/formula.js';
import { formulaOf } from '../formulas/index.js';
import type { KeptSites } from '../plan/kept-values.js';
import { kernelBatches, mostInBatch } from '../plan/kernel-batches.js';
import { sharesParameters } from '../plan/memory.js';
import { planKept } from '../plan/plan-kept.js';
import { planKeptRows } from '../plan/plan-kept-rows.js';
import { planTiles, type TilePlan } from '../plan/plan-tiles.js';
import { ifItFits, planWeights, type WeightPlan } from '../plan/plan-weights.js';
import { readValues } from '../plan/read-values.js';
import { checkFormula } from './check-formula.js';
import type { KernelRequest } from './kernel-request.js';
import { logitWeightsOf } from './logit-weights.js';

export const DEFAULT_BATCH = 32;

/** A checked request, with its plan. */
export interface PreparedKernels {
  /** All examples, the training examples first, then the splits of `queries` in order. */
  readonly examples: readonly EncodedExample[];
  readonly config: ModelConfig;
  readonly stages: readonly Stage[];
  readonly active: readonly ActiveParameters[];
  readonly formula: KernelFormula;
  readonly logitWeights: LogitWeights;
  readonly padTo: number;
  readonly batchSize: number;
  /** Rows of the word tables that are in memory. */
  readonly words: WordRows;
  readonly weights: WeightPlan;
  readonly plan: TilePlan;
  /** Values of sites that the forward pass keeps for the backward pass. */
  readonly kept: KeptSites;
  readonly rates: MachineRates;
}

/**
 * Checks a request and plans it, before any work.
 *
 * @throws UnknownFormulaError, FormulaNotAvailableError, BadArgumentError, SequenceTooLongError, BranchesError, NoParametersError,
 *   KernelSizeError, MemoryBudgetError, and what the formula throws
 */
export const prepareKernels = (request: Omit<KernelRequest, 'runtime'>): PreparedKernels => {
  const {
    model,
    train,
    labelWordIds,
    batchSize = DEFAULT_BATCH,
    memory = DEFAULT_MEMORY,
    rates = usualRates,
  } = request;
  const { hiddenSize, maxTokens, modelType, tieWordEmbeddings } = model.config;
  const formula = formulaOf(request.formula);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new BadArgumentError('batchSize', batchSize, 'a positive integer');
  for (const name of rateNames)
    if (!(rates[name] > 0 && Number.isFinite(rates[name])))
      throw new BadArgumentError(`rates.${name}`, rates[name], 'a positive number');
  const logitWeights = logitWeightsOf(labelWordIds.length, request.binary);
  if (new Set(labelWordIds.map(String)).size < labelWordIds.length) {
    throw new BadArgumentError('labelWordIds', labelWordIds.join(', '), 'a different word for every label');
  }
  if (train.length === 0) throw new BadArgumentError('train', 'no examples', 'at least one');
  if (request.tied && !tieWordEmbeddings) {
    const found = `${modelType} with a decoder of its own`;
    throw new BadArgumentError('tied', found, 'a model with tied word embeddings');
  }
  if (request.tied && typeof labelWordIds[0] === 'object') {
    throw new BadArgumentError(
      'tied',
      'label words as lists of tokens',
      'label words of one token each, or a decoder that counts as a parameter of its own',
      ' As a list of tokens, a word is a log-probability, whose gradient has a row of the decoder for every word of the vocabulary: too many to add to those of the embeddings.',
    );
  }
  if (request.tied && request.projection)
    throw new BadArgumentError('tied', 'a projection of gradients', 'no projection, or untied decoders');
  const examples = [...train, ...Object.values(request.queries).flat()];
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const own = model.stages(labelWordIds);
  checkSequences(examples, own, model.config);
  const words = wordRowsOf(examples, model.config);
  const stages = withWordRows(own, words);
  const filter = request.parameters ?? (() => true);
  const active = activeIn(stages, filter, request.keepNoise ?? false, request.tied ?? false);
  if (active.every((own) => allActive(own).length === 0)) {
    throw new NoParametersError([...model.parameters.keys()]);
  }
  checkFormula(
    formula,
    request,
    active.flatMap(allActive).map(({ ref }) => ref.name),
  );
  const padTo = Math.max(...kernelBatches(lengths, 1, maxTokens).map((batch) => batch.length));
  const common = { stages, active, hiddenSize, outputs: logitWeights.length, maps: formula, padTo };
  const planBy =
    <P>(plan: (...tiles: Parameters<typeof planTiles>) => P) =>
    (planned: WeightPlan, extra?: Parameters<typeof planTiles>[5]) => {
      // The work memory of models that fit was measured with full batches; layers of larger ones count as they run.
      const most = planned.streamed ? mostInBatch(batchSize, padTo) : batchSize;
      const { residentBytes: weightBytes, backwardBytes: backwardWeightBytes } = planned;
      const memoryModel = { ...common, weightBytes, backwardWeightBytes };
      return plan(memoryModel, lengths, train.length, Math.min(most, lengths.length), memory, extra);
    };
  const [tilesBy, keptRowsBy] = [planBy(planTiles), planBy(planKeptRows)];
  const { weights, tiles } = planWeights(model, stages, memory, request.streamed, tilesBy);
  const padded = (indices: readonly number[]) =>
    kernelBatches(
      indices.map((i) => lengths[i]!),
      batchSize,
      maxTokens,
    ).reduce((sum, batch) => sum + batch.indices.length * batch.length, 0);
  // Streamed weights are read again for every sweep, and a projection runs over the factors of the rows for every tile.
  const keepsRows = !weights.streamed && !request.projection && !sharesParameters({ active });
  const read = readValues(stages, active, { padTo, firstPosition: firstPosition(model.config) });
  const { plan, kept } = planKept({ ...common, read, memory, rates, padded }, tiles, (extra) => [
    extra && ifItFits(() => tilesBy(weights, extra)),
    keepsRows ? keptRowsBy(weights, extra) : undefined,
  ]);
  return {
    examples,
    config: model.config,
    stages,
    active,
    formula,
    logitWeights,
    padTo,
    batchSize,
    words,
    weights,
    plan,
    kept,
    rates,
  };
};

/**
 * Everything that `computeKernels` refuses before any work, and nothing else: needs no runtime, reads no weights.
 *
 * @throws what {@link prepareKernels} throws
 * @internal
 */
export const checkKernelRequest = (request: Omit<KernelRequest, 'runtime'>): void => {
  prepareKernels(request);
};
