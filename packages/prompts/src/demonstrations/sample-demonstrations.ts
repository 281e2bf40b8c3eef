import { BadArgumentError, type Example, Mt19937, type NDArray, type Random } from '@ntk-lens/core';
import { checkCount } from '../check-count.js';
import { cosineSimilarity } from './cosine-similarity.js';
import { TooFewDemonstrationsError, UnknownDemonstrationLabelError } from './demonstration-errors.js';
import { similarCandidates } from './similar-candidates.js';

export interface SampleDemonstrationsOptions {
  /** Labels of the task, in label order; demonstrations come in this order. */
  readonly labels: readonly string[];
  /** Seed of NumPy's legacy generator, or a generator to go on with (one permutation is drawn per sample and query). */
  readonly seed: number | Pick<Random, 'permutation'>;
  /** Demonstrations per label. Default: 1. */
  readonly perLabel?: number;
  /** Contexts per query, for `ensembleLogits`. Default: 1; LM-BFF uses 16 at inference. */
  readonly samples?: number;
  /** The queries are the pool itself (training): no query demonstrates itself. Default: false. */
  readonly queriesArePool?: boolean;
  /**
   * Keep only candidates similar to the query. The embeddings are `[queries, d]` and `[pool, d]`, of the
   * model itself or any other.
   */
  readonly similar?: { readonly queries: NDArray; readonly pool: NDArray; readonly rate: number };
  /** Label under which an example demonstrates. Default: its `label`. For regression: the end it lies at. */
  readonly labelOf?: (example: Example) => string;
}

/**
 * Draws demonstrations for every query as LM-BFF does: the candidates in a random order, the first `perLabel` of
 * each label, arranged in label order.
 *
 * @example
 * ```ts
 * const drawn = sampleDemonstrations(train, test.length, { labels: ['0', '1'], seed: 42, samples: 16 });
 * const texts = demonstrationTexts(test[0].texts, drawn[0][0].map((i) => train[i].texts), 1);
 * ```
 * @param pool examples to draw from, usually the training split
 * @param queries number of queries
 * @returns pool indices `[sample][query][labels × perLabel]`, in the order that `demonstrationTemplate` expects
 * @throws TooFewDemonstrationsError, UnknownDemonstrationLabelError, BadArgumentError
 */
export const sampleDemonstrations = (
  pool: readonly Example[],
  queries: number,
  options: SampleDemonstrationsOptions,
): number[][][] => {
  const {
    labels,
    perLabel = 1,
    samples = 1,
    similar,
    labelOf = (example: Example) => example.label,
  } = options;
  checkCount('queries', queries, 0);
  checkCount('perLabel', perLabel, 1);
  checkCount('samples', samples, 1);
  if (options.queriesArePool === true && queries !== pool.length) {
    throw new BadArgumentError('queries', queries, `${pool.length}, as the queries are the pool`);
  }
  const poolLabels = pool.map((example, i) => {
    const label = labelOf(example);
    if (!labels.includes(label)) throw new UnknownDemonstrationLabelError(label, i, labels);
    return label;
  });
  const random = typeof options.seed === 'number' ? new Mt19937(options.seed) : options.seed;
  const similarity = similar === undefined ? undefined : cosineSimilarity(similar.queries, similar.pool);
  if (similarity !== undefined && (similarity.shape[0] !== queries || similarity.shape[1] !== pool.length)) {
    throw new BadArgumentError('embeddings', `[${similarity.shape}] examples`, `[${queries},${pool.length}]`);
  }
  const candidatesOf = (query: number): number[] => {
    const candidates = poolLabels
      .map((_, i) => i)
      .filter((i) => i !== query || options.queriesArePool !== true);
    if (similarity === undefined || similar === undefined) return candidates;
    return similarCandidates({
      candidates,
      scores: candidates.map((i) => similarity.data[query * pool.length + i]!),
      labelOf: (i) => poolLabels[i]!,
      labels: labels.length,
      rate: similar.rate,
    });
  };
  const draw = (query: number): number[] => {
    const candidates = candidatesOf(query);
    const chosen = new Map<string, number[]>(labels.map((label) => [label, []]));
    for (const at of random.permutation(candidates.length)) {
      const index = candidates[at]!;
      const same = chosen.get(poolLabels[index]!)!;
      if (same.length < perLabel) same.push(index);
    }
    const short = labels.filter((label) => chosen.get(label)!.length < perLabel);
    if (short.length > 0) throw new TooFewDemonstrationsError(short, query, perLabel, similar !== undefined);
    return [...chosen.values()].flat();
  };
  return Array.from({ length: samples }, () => Array.from({ length: queries }, (_, query) => draw(query)));
};
