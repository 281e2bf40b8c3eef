import { BadArgumentError, isError } from '@ntk-lens/core';
import { KernelSizeError, MemoryBudgetError } from '../errors.js';
import type { KernelTiling } from '../plan/kernel-tiling.js';
import { ifItFits, type WeightPlan } from '../plan/plan-weights.js';
import { noExtra } from '../plan/tile-plan.js';
import { roomOf } from '../plan/tile-room.js';
import type { CheckedRequest } from './check-request.js';
import type { KernelRequest } from './kernel-request.js';
import { type SizedRequest, sizeUp } from './size-request.js';
import { tile } from './tile-kernel.js';

/** A checked request, with its plan. */
export type PreparedKernels = CheckedRequest & KernelTiling;

/**
 * Checks a request and plans it, before any work. A plan that the request has is taken, where its kernel fits the memory budget.
 *
 * @throws UnknownFormulaError, FormulaNotAvailableError, BadArgumentError, SequenceTooLongError, BranchesError, NoParametersError,
 *   KernelSizeError, MemoryBudgetError, and what the formula throws
 */
export const prepareKernels = (request: Omit<KernelRequest, 'runtime'>): PreparedKernels => {
  const sized = sizeUp(request);
  const known = knownTiling(request, sized);
  const tiling = known?.plan.blockBytes === undefined ? known : undefined;
  return { ...sized.checked, ...(tiling ?? tile(request, sized, false)) };
};

/**
 * A request whose kernel need not fit the memory budget. One that does not is computed tile by tile and put together from their
 * rows: its plan has `blockBytes`.
 *
 * @throws what `prepareKernels` throws; MemoryBudgetError names the smallest budget for tiles then
 */
export const prepareLargeKernels = (request: Omit<KernelRequest, 'runtime'>): PreparedKernels => {
  const sized = sizeUp(request);
  return { ...sized.checked, ...(knownTiling(request, sized) ?? tile(request, sized, !fits(sized))) };
};

/**
 * Plans the tiles of a kernel, for all who need the plan of one request: `tiling` of the request hands it on.
 *
 * @example
 * ```ts
 * const planned = { ...request, tiling: tileKernels(request) };
 * explainKernels(planned).totalFlops;
 * const parts = await openKernelParts({ ...planned, store }, 'sum', () => createRuntime());
 * ```
 * @throws what `checkKernelRequest` throws; MemoryBudgetError for a budget that not even tiles fit
 */
export const tileKernels = (request: Omit<KernelRequest, 'runtime'>): KernelTiling => {
  const sized = sizeUp(request);
  return tile(request, sized, !fits(sized));
};

/** @throws BadArgumentError for the plan of another request */
const knownTiling = (
  { tiling, train }: Pick<KernelRequest, 'tiling' | 'train'>,
  { examples }: SizedRequest,
): KernelTiling | undefined => {
  if (!tiling) return undefined;
  const { lengths } = examples;
  const isOwn = tiling.train === train.length && tiling.lengths.length === lengths.length;
  if (!isOwn || lengths.some((length, i) => tiling.lengths[i] !== length))
    throw new BadArgumentError('tiling', 'a plan for other examples', 'the plan of this request, or none');
  return tiling;
};

/**
 * Refuses a kernel that no plan fits into the budget, without planning it.
 *
 * @throws KernelSizeError, MemoryBudgetError
 */
const refuseTooLarge = ({ weights, tilesWith }: SizedRequest, byTiles: boolean): void => {
  const check = (planned: WeightPlan) => roomOf(tilesWith(planned, byTiles), noExtra);
  const [first, second] = weights;
  if (!second || !ifItFits(() => check(first))) check(second ?? first);
};

const fits = (sized: SizedRequest): boolean => {
  try {
    refuseTooLarge(sized, false);
    return true;
  } catch (error) {
    if (isError(error, MemoryBudgetError) || isError(error, KernelSizeError)) return false;
    throw error;
  }
};

/**
 * Everything that `computeKernels` refuses before any work, and nothing else: needs no runtime, reads no weights.
 *
 * @throws what `prepareKernels` throws
 * @internal
 */
export const checkKernelRequest = (request: Omit<KernelRequest, 'runtime'>): void =>
  refuseTooLarge(sizeUp(request), false);

/**
 * True where a kernel fits the memory budget as a whole, and false where it is computed tile by tile and put together from their
 * rows (`openStoredKernels`). Refuses everything that is refused before any work, and does nothing else.
 *
 * @throws what `prepareKernels` throws; MemoryBudgetError for a budget that not even tiles fit
 */
export const kernelFitsMemory = (request: Omit<KernelRequest, 'runtime'>): boolean => {
  const sized = sizeUp(request);
  if (fits(sized)) return true;
  refuseTooLarge(sized, true);
  return false;
};
