import { type EncodedExample, Mt19937, type NDArray, type Random } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { loadModel } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FormulaName } from './formulas/index.js';
import { computeKernels, explainKernels, type KernelRequest } from './index.js';
import { kernelBlock, sum, transposed } from './testing/compare.js';
import { type OracleCase, oracleCase, oracleNames } from './testing/oracle-cases.js';
import { smallestBudget } from './testing/smallest-budget.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const pick = <T>(random: Random, values: readonly T[]): T => values[random.interval(values.length - 1)]!;

/** `most` examples at most, the same one more than once where it comes so. */
const draw = (random: Random, least: number, most: number, n: number): number[] =>
  Array.from({ length: random.randint(least, most + 1) }, () => random.interval(n - 1));

/** Formulas whose kernels follow from the oracle's. */
type OracleFormula = Exclude<FormulaName, 'adam'>;

/** What a request asks for, summed up from the oracle's kernels of single parameters. */
const wholeKernel = (
  oracle: OracleCase,
  formula: OracleFormula,
  parameters: readonly string[],
  binary: boolean,
  tied: boolean,
): NDArray => {
  if (formula === 'cosine') return normalized(wholeKernel(oracle, 'sgd', parameters, binary, tied));
  const isTied = (parameter: string) => /(word_embeddings|decoder)\.weight$/.test(parameter);
  const parts = parameters
    .filter((parameter) => !(tied && isTied(parameter)))
    .map((parameter) => oracle.kernel(formula, parameter, binary));
  return sum(tied ? [...parts, oracle.tied(formula, binary)] : parts);
};

/** K(ξ, ξ') / √(K(ξ, ξ) K(ξ', ξ')). */
const normalized = ({ shape, data }: NDArray): NDArray<'float64'> => {
  const size = shape[0]! * shape[1]!;
  const length = (i: number) => Math.sqrt(data[i * size + i]!);
  const entries = Float64Array.from(data, (x, i) => x / length(Math.floor(i / size)) / length(i % size));
  return { dtype: 'float64', shape, data: entries };
};

test.each(sampled(oracleNames, 1))(
  '%s: any request, in any number of tiles, gives its blocks of the oracle’s kernel',
  async (name) => {
    const oracle = oracleCase(name);
    const model = await loadModel(oracle.directory);
    let mostTiles = 0;
    for (let seed = 0; seed < 14; seed++) {
      const random = new Mt19937(seed);
      const formula = pick<OracleFormula>(random, ['sgd', 'signgd', 'a-signgd', 'cosine']);
      const [binary, tied] = [random.interval(2) === 0, random.interval(2) === 0];
      const n = oracle.examples.length;
      const [rows, columns] = [draw(random, 1, 4, n), draw(random, 0, 4, n)];
      // Tied parameters are chosen together or not at all.
      const parameters = tied ? oracle.parameters : oracle.parameters.filter(() => random.interval(2) > 0);
      const take = (indices: readonly number[]): EncodedExample[] => indices.map((i) => oracle.examples[i]!);
      const request: KernelRequest = {
        model,
        runtime,
        formula,
        binary,
        tied,
        labelWordIds: oracle.labelWordIds.slice(0, binary ? 2 : 3),
        parameters: (parameter) => parameters.includes(parameter),
        train: take(rows),
        queries: { dev: take(columns.slice(0, 1)), test: take(columns.slice(1)) },
        batchSize: random.randint(1, 5),
      };
      const smallest = await smallestBudget(request);
      const memory = smallest + random.interval(60_000);
      mostTiles = Math.max(mostTiles, explainKernels({ ...request, memory }).tiles.length);
      const found = await computeKernels({ ...request, memory });

      const whole = wholeKernel(oracle, formula, parameters, binary, tied);
      const compare = (array: NDArray, expected: NDArray) => {
        if (formula === 'signgd') expect(array, `seed ${seed}`).toEqual(expected);
        else expect(relativeDifference(array, expected), `seed ${seed}`).toBeLessThan(1e-5);
      };
      for (const [split, indices] of [
        ['train', rows],
        ['dev', columns.slice(0, 1)],
        ['test', columns.slice(1)],
      ] as const) {
        compare(found[split]!.kernel, kernelBlock(whole, rows, indices));
        if (formula === 'a-signgd')
          compare(found[split]!.flipped!, transposed(kernelBlock(whole, indices, rows)));
      }
    }
    expect(mostTiles).toBeGreaterThan(3);
    expect(runtime.residentBytes).toBe(0);
    await model.close();
  },
);
