import type { Resident, Runtime } from '@ntk-lens/engine';
import type { Stage } from '@ntk-lens/models';
import type { Accumulators, PassKernels } from '../contract/accumulators.js';
import { contractLinear, type LinearFactors } from '../contract/contract-linear.js';
import { vectorGramProgram } from '../contract/gram-programs.js';
import { tableBlock } from '../contract/table-gram.js';
import { vectorSize } from '../factors/stage-programs.js';
import type { KernelContext } from './kernel-context.js';
import type { BatchFactors } from './stage-factors.js';

/** Factors of one stage for all batches of a pass. */
export interface StageFactors {
  readonly rows: readonly BatchFactors[];
  readonly columns: readonly BatchFactors[];
}

/** Adds the contribution of one stage's parameters to the kernels. */
export const contractStage = async (
  context: KernelContext,
  index: number,
  factors: StageFactors,
  into: Accumulators,
): Promise<void> => {
  const { runtime, formula } = context;
  const stage = context.stages[index]!;
  const active = context.active[index]!;
  for (const site of active.linear) {
    const of = (batches: readonly BatchFactors[]): LinearFactors[] =>
      batches.map((batch) => batch.linear.get(site.name)!);
    const [rows, columns] = [of(factors.rows), of(factors.columns)];
    const [inSize, outSize] = [rows[0]!.a.shape[2]!, rows[0]!.b.shape[2]!];
    await contractLinear(
      runtime,
      { formula, inSize, outSize, rows, columns },
      into.at(stage.name, site.weight.name),
    );
  }
  await contractVectors(context, stage, index, factors, into);
  for (const site of active.tables)
    contractTable(context, site.name, factors, into.at(stage.name, site.table.name));
};

/** All pairs of batches that a pass needs: rows against columns, and rows against rows if `self` is wanted. */
const pairs = function* (factors: StageFactors, kernels: PassKernels, ordered: boolean) {
  for (const [i, x] of factors.rows.entries()) {
    for (const y of factors.columns) yield { x, y, target: 'cross' as const, mirror: false };
    if (!kernels.self) continue;
    for (const [j, y] of factors.rows.entries()) {
      if (ordered || j >= i) yield { x, y, target: 'self' as const, mirror: !ordered && i !== j };
    }
  }
};

const contractVectors = async (
  context: KernelContext,
  stage: Stage,
  index: number,
  factors: StageFactors,
  into: Accumulators,
): Promise<void> => {
  const { vectors } = context.active[index]!;
  if (vectors.length === 0) return;
  let start = 0;
  const ranges = vectors.map((vector) => {
    const size = vectorSize(vector, context.padTo);
    start += size;
    return { name: vector.parameter.name, range: [start - size, size] as const };
  });
  const wanted = into.level === 'parameter' ? ranges : [{ name: '', range: undefined }];
  for (const { name, range } of wanted) {
    const kernels = into.at(stage.name, name);
    for (const { x, y, target, mirror } of pairs(factors, kernels, context.formula === 'a-signgd')) {
      const block = await vectorBlock(context, x.vectors!, y.vectors!, range);
      kernels[target]!.add(block['k']!.data, [x], [y], mirror);
      if (target === 'cross' && block['flipped']) kernels.flipped!.add(block['flipped'].data, [x], [y]);
    }
  }
};

const vectorBlock = (context: KernelContext, v0: Resident, v1: Resident, range?: readonly [number, number]) =>
  context.runtime.compute(vectorGramProgram(context.formula, v0.shape, v1.shape, range), { v0, v1 });

const contractTable = (
  context: KernelContext,
  site: string,
  factors: StageFactors,
  kernels: PassKernels,
): void => {
  for (const { x, y, target, mirror } of pairs(factors, kernels, context.formula === 'a-signgd')) {
    const block = tableBlock(context.formula, x.tables.get(site)!, y.tables.get(site)!);
    kernels[target]!.add(block.k, [x], [y], mirror);
    if (target === 'cross' && block.flipped) kernels.flipped!.add(block.flipped, [x], [y]);
  }
};

/** Frees what a stage's factors hold in the runtime. */
export const releaseFactors = (runtime: Runtime, batches: readonly BatchFactors[]): void => {
  for (const { linear, vectors } of batches) {
    runtime.release([...linear.values()].flatMap(({ a, b }) => [a, b]));
    if (vectors) runtime.release([vectors]);
  }
};
