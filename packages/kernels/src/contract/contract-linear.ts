import type { Formula } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { mapAhead } from '../pass/map-ahead.js';
import type { PassKernels } from './accumulators.js';
import { chooseMethod } from './choose-method.js';
import { contractGradients } from './contract-gradients.js';
import { contractTokens } from './contract-tokens.js';
import { type FactorShape, factorInputs, rankOneGramProgram } from './gram-programs.js';
import type { BlockAxis } from './kernel-accumulator.js';

/** Factors of one linear site for one batch. */
export interface LinearFactors extends FactorShape, BlockAxis {
  /** Activations `[n, T', in]`. */
  readonly a: Resident;
  /** Cotangents `[n, T', out]` of each output. */
  readonly b: readonly Resident[];
}

/** One linear site's factors of all row and column batches. */
export interface LinearContraction {
  readonly formula: Formula;
  readonly inSize: number;
  readonly outSize: number;
  readonly rows: readonly LinearFactors[];
  readonly columns: readonly LinearFactors[];
}

/**
 * Adds the contribution of linear sites that read the same activations to the kernels, by the way that is expected to
 * take least time (DESIGN §4).
 */
export const contractLinear = async (
  runtime: Runtime,
  sites: readonly LinearContraction[],
  into: PassKernels,
): Promise<void> => {
  const outSize = sites.reduce((sum, site) => sum + site.outSize, 0);
  const method = chooseMethod({ ...sites[0]!, outSize }, into.self !== undefined);
  if (method === 'token-gram') return contractTokens(runtime, sites, into);
  const contract = method === 'rank-one' ? contractRankOne : contractGradients;
  for (const site of sites) await contract(runtime, site, into);
};

const contractRankOne = async (runtime: Runtime, c: LinearContraction, into: PassKernels): Promise<void> => {
  const block = (x: LinearFactors, y: LinearFactors) =>
    runtime.compute(rankOneGramProgram(c.formula, x, y, c), {
      ...factorInputs('0', x),
      ...factorInputs('1', y),
    });
  const pairs = c.rows.flatMap((x, i) => {
    const others = into.self ? (c.formula === 'a-signgd' ? c.rows : c.rows.slice(i)) : [];
    return [
      ...c.columns.map((y) => ({ x, y, target: 'cross' as const })),
      ...others.map((y) => ({ x, y, target: 'self' as const })),
    ];
  });
  await mapAhead(pairs, async ({ x, y, target }) => {
    const { k, flipped } = await block(x, y);
    into[target]!.add(k!.data, [x], [y], target === 'self' && c.formula !== 'a-signgd' && y !== x);
    if (flipped && target === 'cross') into.flipped!.add(flipped.data, [x], [y]);
  });
};
