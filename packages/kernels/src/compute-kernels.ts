import { BadArgumentError, type SplitName, throwIfCancelled, zeros } from '@ntk-lens/core';
import { KernelAssembly } from './assemble.js';
import { computeSweep, type OpenedComputation, openComputation } from './compute-sweep.js';
import type { BlockLevel } from './contract/accumulators.js';
import { MissingTilesError, ZeroGradientError } from './errors.js';
import { ResidentScope } from './pass/resident-scope.js';
import { type PlannedTile, tileNumbers } from './plan/tile-plan.js';
import type { KernelRequest, Kernels, SplitKernels } from './request/kernel-request.js';
import { type PreparedKernels, prepareKernels } from './request/prepare.js';
import { readTile, type Tile, writeTile } from './store/stored-tile.js';

/**
 * Exact kernels of a model at θ₀ on prompted examples, of one formula (docs/theory.md, Kernels).
 *
 * @example
 * ```ts
 * const { train, test } = await computeKernels({
 *   model, runtime, formula: 'sgd', labelWordIds: [6659, 2307],
 *   train: trainExamples, queries: { test: testExamples },
 * });
 * test!.kernel.shape; // [trainExamples.length, 2, testExamples.length, 2]
 * ```
 * @throws what `checkKernelRequest` throws, before any work
 * @throws NonFiniteActivationError, NonFiniteKernelError, ZeroGradientError; CancelledError
 */
export const computeKernels = async (request: KernelRequest): Promise<Kernels> => {
  const { sum } = await computeKernelBlocks(request, 'sum');
  if (!sum) throw new Error('A kernel has at least one part.');
  return sum;
};

/**
 * The same kernels for each stage (`layer`) or each parameter (`parameter`). Parts add up to the whole,
 * except where a formula finishes each by itself (`cosine`).
 *
 * @returns kernels by stage or Hugging Face parameter name
 */
export const computeKernelBlocks = async (
  request: KernelRequest,
  level: BlockLevel,
): Promise<Record<string, Kernels>> => {
  checkLevel(request, level);
  const checked = prepareKernels(request);
  const { tiles } = checked.plan;
  const numberOf = tileNumbers(checked.plan);
  // Whatever fails in between, nothing stays in the runtime.
  const scope = new ResidentScope(request.runtime);
  const own = { ...request, runtime: scope };
  let opened: OpenedComputation | undefined;
  try {
    return await assemble(own, checked, level, async (missing) => {
      opened ??= await openComputation(own, checked);
      const numbers = missing.map((planned) => numberOf.get(planned)! + 1).join(', ');
      const computed = await computeSweep(opened, own, missing, level, `tile ${numbers}/${tiles.length}`);
      for (const [i, tile] of computed.entries())
        await writeTile(request.store, level, numberOf.get(missing[i]!)!, tile);
      return computed;
    });
  } finally {
    await opened?.weights.release();
    await scope.close();
  }
};

/**
 * The same kernels, from tiles that are all in the store: nothing is computed, and no runtime is needed.
 *
 * @throws MissingTilesError, which names the first tile that is not there; what `checkKernelRequest` throws; ZeroGradientError
 */
export const assembleKernelBlocks = async (
  request: Omit<KernelRequest, 'runtime'>,
  level: BlockLevel,
): Promise<Record<string, Kernels>> => {
  checkLevel(request, level);
  const checked = prepareKernels(request);
  const { tiles } = checked.plan;
  return assemble(request, checked, level, async ([missing]) => {
    throw new MissingTilesError(tiles.indexOf(missing!) + 1, tiles.length);
  });
};

/** @throws BadArgumentError for parts of a projected kernel */
export const checkLevel = ({ projection }: Pick<KernelRequest, 'projection'>, level: BlockLevel): void => {
  if (projection && level !== 'sum')
    throw new BadArgumentError('level', level, '"sum": a projection mixes all parameters');
};

/**
 * Puts a kernel together from its tiles.
 *
 * @param compute computes tiles of one sweep that the store does not have
 */
const assemble = async (
  request: Omit<KernelRequest, 'runtime'>,
  checked: PreparedKernels,
  level: BlockLevel,
  compute: (missing: readonly PlannedTile[]) => Promise<readonly Tile[]>,
): Promise<Record<string, Kernels>> => {
  const { sweeps } = checked.plan;
  const numberOf = tileNumbers(checked.plan);
  const outputs = checked.logitWeights.length;
  const train = request.train.length;
  const logits = zeros('float64', [checked.examples.length, outputs]);
  const assemblies = new Map<string, KernelAssembly>();
  const take = (planned: PlannedTile, tile: Tile) => {
    for (const [i, index] of [...planned.rows, ...planned.columns].entries()) {
      logits.data.set(tile.logits.data.subarray(i * outputs, (i + 1) * outputs), index * outputs);
    }
    for (const [name, arrays] of Object.entries(tile.parts)) {
      const assembly =
        assemblies.get(name) ?? new KernelAssembly(checked.formula, train, checked.examples.length, outputs);
      assemblies.set(name, assembly);
      assembly.add(planned, arrays);
    }
  };

  for (const sweep of sweeps) {
    throwIfCancelled(request.signal, 'The kernel computation');
    const missing: PlannedTile[] = [];
    for (const planned of sweep) {
      const stored = await readTile(request.store, level, numberOf.get(planned)!);
      if (stored) take(planned, stored);
      else missing.push(planned);
    }
    if (missing.length === 0) continue;
    for (const [i, tile] of (await compute(missing)).entries()) take(missing[i]!, tile);
  }

  const result: Record<string, Kernels> = {};
  for (const [name, assembly] of assemblies) {
    const split = (from: number, count: number): SplitKernels => ({
      ...assembly.slice(from, count),
      logits: {
        dtype: 'float64',
        shape: [count, outputs],
        data: logits.data.slice(from * outputs, (from + count) * outputs),
      },
    });
    const splits: Partial<Record<SplitName, SplitKernels>> = {};
    let from = train;
    for (const [query, examples] of Object.entries(request.queries)) {
      splits[query as SplitName] = split(from, examples.length);
      from += examples.length;
    }
    result[name] = { ...splits, train: split(0, train) };
  }
  if (Object.values(result).every(({ train: { kernel } }) => kernel.data.every((x) => x === 0)))
    throw new ZeroGradientError();
  return result;
};
