import type { EncodedExample } from '@ntk-lens/core';
import { BadArgumentError } from '@ntk-lens/core';
import {
  checkSequences,
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
import { kernelBatches } from '../plan/kernel-batches.js';
import { checkFormula } from './check-formula.js';
import type { KernelRequest } from './kernel-request.js';
import { logitWeightsOf } from './logit-weights.js';

/** A request that was checked, before anything is planned. */
export interface CheckedRequest {
  /** All examples, the training examples first, then the splits of `queries` in order. */
  readonly examples: readonly EncodedExample[];
  readonly config: ModelConfig;
  readonly stages: readonly Stage[];
  readonly active: readonly ActiveParameters[];
  readonly formula: KernelFormula;
  readonly logitWeights: LogitWeights;
  /** Tokens of the longest example, with its padding. */
  readonly padTo: number;
  readonly batchSize: number;
  /** Rows of the word tables that are in memory. */
  readonly words: WordRows;
}

/**
 * Checks everything about a request that does not depend on the memory.
 *
 * @param defaultBatch batch size of a request that names none
 * @throws UnknownFormulaError, FormulaNotAvailableError, BadArgumentError, SequenceTooLongError, BranchesError, NoParametersError,
 *   and what the formula throws
 */
export const checkRequest = (
  request: Omit<KernelRequest, 'runtime'>,
  defaultBatch: number,
): CheckedRequest => {
  const { model, train, labelWordIds, batchSize = defaultBatch } = request;
  const { maxTokens, modelType, tieWordEmbeddings } = model.config;
  const formula = formulaOf(request.formula);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new BadArgumentError('batchSize', batchSize, 'a positive integer');
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
  const padTo = kernelBatches(lengths, 1, maxTokens).reduce((most, { length }) => Math.max(most, length), 0);
  return { examples, config: model.config, stages, active, formula, logitWeights, padTo, words, batchSize };
};
