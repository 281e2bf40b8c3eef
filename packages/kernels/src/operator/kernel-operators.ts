import {
  type EncodedExample,
  type LinearOperator,
  linearOperator,
  type NDArray,
  type SplitName,
  throwIfCancelled,
  zeros,
} from '@ntk-lens/core';
import { DEFAULT_MEMORY } from '@ntk-lens/models';
import type { GradientSums } from '../derivatives/gradient-sums.js';
import { Jacobian } from '../derivatives/jacobian.js';
import { type PassVectors, planGroups } from '../derivatives/plan-groups.js';
import { OperatorClosedError } from '../errors.js';
import type { MapPair } from '../formulas/formula.js';
import type { GradientMap } from '../formulas/gradient-map.js';
import { formulaOf } from '../formulas/index.js';
import type { WeightDirection } from '../formulas/weight-direction.js';
import { summedTokens } from '../plan/kernel-batches.js';
import { checkRequest } from '../request/check-request.js';
import { DEFAULT_OPERATOR_BATCH, nameOf, type OperatorRequest } from './operator-request.js';
import { panelWidth, vectorBytes } from './panel-width.js';
import { preparedMaps } from './prepared-maps.js';
import { refuseFormula } from './refuse-formula.js';

/** The kernel of one split against the training examples, by its products. */
export interface SplitOperator {
  /**
   * K(query, train), `[M·C, N·C]` over flattened (example, logit) rows. It is symmetric for the training examples. Written
   * out, it is the transpose of the flattened array that `computeKernels` gives.
   */
  readonly kernel: LinearOperator;
  /** f(·; θ₀), `[query, C]`. */
  readonly logits: NDArray<'float64'>;
}

/** Kernels by split that are never written out. Weights stay in the runtime until they are closed. */
export interface KernelOperators {
  readonly splits: { readonly [split in SplitName]?: SplitOperator } & { readonly train: SplitOperator };
  /** C. */
  readonly outputs: number;
  /** Waits for a product that runs, and releases the weights. */
  close(): Promise<void>;
}

/**
 * Opens the kernels of a request as operators, K v = J (Jᵀ v). A product is one backward pass over the training examples,
 * which sums gradients weighted by v, and one directional derivative over the queries (docs/theory.md, Products with the
 * kernel). It takes time in proportion to their number, and the memory of a vector of parameters; no array of N × N or
 * N × parameters numbers exists. They are the kernels of `computeKernels` with the same request, up to rounding.
 *
 * @example
 * ```ts
 * const { splits, close } = await openKernelOperators({
 *   model, runtime, formula: 'sgd', labelWordIds, train: trainExamples, queries: { test: testExamples },
 * });
 * const v = new Float64Array(splits.train.kernel.shape[1]).fill(1);
 * const products = await splits.test!.kernel.matvec(v, { onProgress }); // [M · C]
 * await close();
 * ```
 * @throws what `checkOperatorRequest` throws, before any work
 * @throws NonFiniteWeightError, NonFiniteActivationError; BadSecondMomentError; CancelledError
 */
export const openKernelOperators = async (request: OperatorRequest): Promise<KernelOperators> => {
  const { signal, onProgress, train, queries, runtime } = request;
  const prepared = prepareOperators(request);
  const jacobian = new Jacobian(prepared.options, runtime);
  try {
    const maps = await preparedMaps(request, prepared.checked, prepared.options);
    let closed = false;
    const product = productsOf(jacobian, maps, prepared.bytes, () => {
      if (closed) throw new OperatorClosedError();
    });
    const open = async (examples: readonly EncodedExample[]): Promise<SplitOperator> => ({
      kernel: linearOperator(
        [examples.length * jacobian.outputs, train.length * jacobian.outputs],
        product(train, examples),
        product(examples, train),
      ),
      logits: await jacobian.logits(examples, { signal, onProgress }),
    });
    const splits: { [split in SplitName]?: SplitOperator } = {};
    for (const [name, examples] of Object.entries(queries)) splits[name as SplitName] = await open(examples);
    return {
      splits: { ...splits, train: await open(train) },
      outputs: jacobian.outputs,
      close: async () => {
        closed = true;
        await jacobian.close();
      },
    };
  } catch (error) {
    await jacobian.close();
    throw error;
  }
};

/**
 * Everything that `openKernelOperators` refuses before any work, and nothing else: needs no runtime, reads no weights.
 *
 * @throws UnknownFormulaError; FormulaNotAvailableError for a formula with a map that is not linear or with a last step, and for
 *   a random subspace; BadArgumentError, SequenceTooLongError, BranchesError, NoParametersError, MemoryBudgetError, and what the
 *   formula throws
 * @internal
 */
export const checkOperatorRequest = (request: Omit<OperatorRequest, 'runtime'>): void => {
  prepareOperators(request);
};

/** A checked request, and what its products are planned by. */
export const prepareOperators = (request: Omit<OperatorRequest, 'runtime'>) => {
  const { model, train, queries, memory = DEFAULT_MEMORY, streamed } = request;
  refuseFormula(formulaOf(request.formula), request);
  const checked = checkRequest(request, DEFAULT_OPERATOR_BATCH);
  const { stages, active, logitWeights, words, batchSize } = checked;
  const options = {
    ...{ model, stages, active, logitWeights, words, batchSize, memory, streamed },
    batchTokens: summedTokens(model.config.hiddenSize),
    nameOf: nameOf(stages, request),
    what: 'The product with the kernel',
  };
  const bytes = vectorBytes(checked);
  const plan = (examples: readonly EncodedExample[], vectors: PassVectors) =>
    planGroups(options, examples, vectors);
  for (const to of [train, ...Object.values(queries)])
    panelWidth(plan, { from: train, to, outputs: logitWeights.length, bytes }, 1);
  return { checked, options, bytes };
};

type Product = LinearOperator['matmat'];

/** J_to M J_fromᵀ on several vectors, as many at a time as the memory holds; M are the maps of a formula. */
const productsOf =
  (jacobian: Jacobian, { train, query }: MapPair, bytes: number, check: () => void) =>
  (from: readonly EncodedExample[], to: readonly EncodedExample[]): Product =>
  async (x, options = {}) => {
    check();
    const count = x.shape[1]!;
    const { outputs } = jacobian;
    const y = zeros('float64', [to.length * outputs, count]);
    const sides = { from, to, outputs, bytes };
    for (let start = 0; start < count; ) {
      throwIfCancelled(options.signal, 'The product with the kernel');
      const width = panelWidth((...pass) => jacobian.plan(...pass), sides, count - start);
      const held = width * bytes;
      const sums = await jacobian.transposedTimes(from, columns(x, start, width), options, held);
      const directions = Array.from({ length: width }, (_, k) => mapped(sums, k, [train, query]));
      const { derivatives } = await jacobian.times(to, directions, options, held);
      for (const [k, { data }] of derivatives.entries())
        for (let i = 0; i < data.length; i++) y.data[i * count + start + k] = data[i]!;
      start += width;
    }
    return y;
  };

/** Columns `start … start + width` of `[n, k]`. */
const columns = ({ data, shape }: NDArray<'float64'>, start: number, width: number): NDArray<'float64'> => {
  const [n, count] = shape as [number, number];
  if (width === count) return { dtype: 'float64', shape, data };
  const taken = zeros('float64', [n, width]);
  for (let i = 0; i < n; i++)
    taken.data.set(data.subarray(i * count + start, i * count + start + width), i * width);
  return taken;
};

/** The k-th sum under linear maps, which can be applied one after another, and to a sum as well as to its summands. */
const mapped = (sums: GradientSums, k: number, maps: readonly GradientMap[]): WeightDirection => ({
  read: async (parameter) => {
    let array = sums.read(k, parameter);
    for (const { factors, numbers } of maps) {
      const factor = await factors?.read(sums.nameOf(parameter));
      array = { ...array, data: numbers(array.data, factor?.data) };
    }
    return array;
  },
});
