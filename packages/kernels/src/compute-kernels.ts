import { BadArgumentError, type NDArray, type SplitName, throwIfCancelled, zeros } from '@ntk-lens/core';
import { uploadStageWeights } from '@ntk-lens/models';
import { KernelAssembly, type PassArrays } from './assemble.js';
import type { BlockLevel } from './contract/accumulators.js';
import { ZeroGradientError } from './errors.js';
import type { KernelRequest, Kernels, SplitKernels } from './kernel-request.js';
import { blockPass } from './pass/block-pass.js';
import { type ExampleBatch, uploadBatch } from './pass/example-batch.js';
import { forwardBatch } from './pass/forward-pass.js';
import type { KernelContext } from './pass/kernel-context.js';
import { mapAhead } from './pass/map-ahead.js';
import { kernelBatches } from './plan/kernel-batches.js';
import type { Pass } from './plan/plan-passes.js';
import { contextOf, type PreparedKernels, prepareKernels } from './prepare.js';
import { ResidentScope } from './resident-scope.js';

/**
 * Exact kernels of a model at θ₀ on prompted examples (PAPER §1), of one formula.
 *
 * @example
 * ```ts
 * const { train, test } = await computeKernels({
 *   model, runtime, formula: 'sgd', labelWordIds: [6659, 2307],
 *   train: trainExamples, queries: { test: testExamples },
 * });
 * test!.kernel.shape; // [32, 2, 200, 2]
 * ```
 * @throws MemoryBudgetError, SequenceTooLongError, NoParametersError before any work
 * @throws NonFiniteActivationError, NonFiniteKernelError, ZeroGradientError
 */
export const computeKernels = async (request: KernelRequest): Promise<Kernels> =>
  (await computeKernelBlocks(request, 'sum'))['sum']!;

/**
 * The same kernels part by part: of each stage (`layer`) or each parameter (`parameter`). Parts add up to the
 * whole.
 *
 * @returns kernels by stage or Hugging Face parameter name
 */
export const computeKernelBlocks = async (
  request: KernelRequest,
  level: BlockLevel,
): Promise<Record<string, Kernels>> => {
  if (request.projection && level !== 'sum')
    throw new BadArgumentError('level', level, '"sum": a projection mixes all parameters');
  // Whatever fails in between, nothing stays in the runtime.
  const scope = new ResidentScope(request.runtime);
  try {
    return await blocksOf({ ...request, runtime: scope }, level);
  } finally {
    await scope.close();
  }
};

const blocksOf = async (request: KernelRequest, level: BlockLevel): Promise<Record<string, Kernels>> => {
  const prepared = prepareKernels(request);
  const { passes } = prepared.plan;
  const outputs = prepared.readouts.length;
  const train = request.train.length;
  const logits = zeros('float64', [prepared.examples.length, outputs]);
  const assemblies = new Map<string, KernelAssembly>();
  const take = (pass: Pass, tile: Tile) => {
    for (const [i, index] of [...pass.rows, ...pass.columns].entries()) {
      logits.data.set(tile.logits.data.subarray(i * outputs, (i + 1) * outputs), index * outputs);
    }
    for (const [name, arrays] of Object.entries(tile.parts)) {
      const known = assemblies.get(name);
      const assembly = known ?? new KernelAssembly(request.formula, train, prepared.examples.length, outputs);
      assemblies.set(name, assembly);
      assembly.add(pass, arrays);
    }
  };

  let context: KernelContext | undefined;
  try {
    for (const [index, pass] of passes.entries()) {
      throwIfCancelled(request.signal, 'The kernel computation');
      const stored = await readTile(request, level, index);
      if (stored) {
        take(pass, stored);
        continue;
      }
      context ??= contextOf(
        request,
        prepared,
        await uploadStageWeights(request.runtime, request.model, prepared.stages, request),
      );
      const tile = await computePass(
        context,
        prepared,
        pass,
        level,
        request,
        `${index + 1}/${passes.length}`,
      );
      await request.store?.write(tileName(level, index), tileArrays(tile));
      take(pass, tile);
    }
  } finally {
    context?.weights.release();
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

/** What one pass computes. */
interface Tile {
  /** f(·; θ₀) of rows, then columns, `[n, C]`. */
  readonly logits: NDArray;
  readonly parts: Readonly<Record<string, PassArrays>>;
}

const computePass = async (
  context: KernelContext,
  prepared: PreparedKernels,
  pass: Pass,
  level: BlockLevel,
  request: KernelRequest,
  label: string,
): Promise<Tile> => {
  const { runtime, model } = context;
  const { signal, onProgress } = request;
  const outputs = context.readouts.length;
  const logits = zeros('float64', [pass.rows.length + pass.columns.length, outputs]);
  const held: ExampleBatch[] = [];
  let done = 0;
  const forward = async (indices: readonly number[], offset: number) => {
    const examples = indices.map((i) => prepared.examples[i]!);
    const plan = kernelBatches(
      examples.map((e) => e.inputIds.length),
      prepared.batchSize,
      model.config.maxTokens,
    );
    return mapAhead(plan, async (planned) => {
      const batch = await uploadBatch(runtime, examples, planned, model.config);
      held.push(batch);
      const y = await forwardBatch(context, batch, signal);
      for (const [row, i] of batch.indices.entries()) {
        for (let c = 0; c < outputs; c++)
          logits.data[(offset + i) * outputs + c] = y.data[row * outputs + c]!;
      }
      done++;
      onProgress?.({ phase: 'forward', done, unit: 'batches', detail: `pass ${label}` });
      return batch;
    });
  };
  try {
    const rows = await forward(pass.rows, 0);
    const columns = await forward(pass.columns, pass.rows.length);
    const { parts } = await blockPass(context, {
      rows,
      columns,
      self: pass.self,
      level,
      label,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return {
      logits,
      parts: Object.fromEntries(
        [...parts].map(([name, { self, cross, flipped }]): [string, PassArrays] => [
          name,
          {
            cross: cross.kernel,
            ...(self && { self: self.kernel }),
            ...(flipped && { flipped: flipped.kernel }),
          },
        ]),
      ),
    };
  } finally {
    for (const { side, states, kept, cotangents } of held) {
      runtime.release([
        ...Object.values(side),
        ...[...states, ...kept.flatMap((outputs) => Object.values(outputs)), ...cotangents].filter(
          (tensor) => tensor !== undefined,
        ),
      ]);
    }
  }
};

const tileName = (level: BlockLevel, index: number): string => `${level}-${String(index).padStart(4, '0')}`;

/** A tile as named arrays: `logits`, and `<array>:<part>`. */
const tileArrays = (tile: Tile): Record<string, NDArray> => ({
  logits: tile.logits,
  ...Object.fromEntries(
    Object.entries(tile.parts).flatMap(([part, arrays]) =>
      Object.entries(arrays).map(([array, data]) => [`${array}:${part}`, data as NDArray] as const),
    ),
  ),
});

const readTile = async (
  request: KernelRequest,
  level: BlockLevel,
  index: number,
): Promise<Tile | undefined> => {
  const arrays = await request.store?.read(tileName(level, index));
  if (!arrays) return undefined;
  const parts: Record<string, Record<string, NDArray>> = {};
  for (const [name, array] of Object.entries(arrays)) {
    const [kind, part] = name.split(/:(.*)/s) as [string, string?];
    if (part !== undefined) parts[part] = { ...parts[part], [kind]: array };
  }
  return { logits: arrays['logits']!, parts: parts as unknown as Record<string, PassArrays> };
};
