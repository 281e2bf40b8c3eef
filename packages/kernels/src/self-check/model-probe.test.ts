import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel, partKey } from '@ntk-lens/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oracleCase, oracleNames } from '../testing/oracle-cases.js';
import { dots } from './direction.js';
import { ModelProbe } from './model-probe.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

describe.each(oracleNames)('a probe of a tiny %s', (name) => {
  const oracle = oracleCase(name);
  let model: LanguageModel;
  let probe: ModelProbe;
  beforeAll(async () => {
    model = await loadModel(oracle.directory);
    probe = await ModelProbe.open(runtime, model, oracle.labelWordIds);
  });
  afterAll(async () => {
    await probe.close();
    expect(runtime.residentBytes).toBe(0);
    await model.close();
  });

  test('gives the oracle’s logits, whatever the padding', async () => {
    for (const [i, example] of oracle.examples.entries()) {
      for (const padding of [0, 3]) {
        const logits = await probe.logits([example], example.inputIds.length + padding);
        for (const [c, logit] of Array.from(logits).entries())
          expect(Math.abs(logit - oracle.logits.data[3 * i + c]!)).toBeLessThan(1e-5);
      }
    }
  });

  test('forms gradients whose inner products are the oracle’s, parameter by parameter', async () => {
    const pairs = [
      { left: [0, 0], right: [0, 0] },
      { left: [1, 2], right: [3, 0] },
      { left: [4, 1], right: [1, 1] },
    ] as const;
    const parameters = new Map(
      probe.stages.flatMap((stage) =>
        Object.values(stage.weights).map((ref) => [partKey(ref), ref.name] as const),
      ),
    );
    for (const { left, right } of pairs) {
      const gradient = ([i, c]: readonly [number, number]) =>
        probe.gradient(oracle.examples[i]!, c, oracle.examples[i]!.inputIds.length + i);
      const found = await dots(probe.scope, await gradient(left), await gradient(right));
      expect([...found.keys()].map((use) => parameters.get(use)).sort()).toEqual(
        [...oracle.parameters].sort(),
      );
      const n = oracle.examples.length;
      const at = (parameter: string) => {
        const { data } = oracle.kernel('sgd', parameter);
        const entry = ([i, c]: readonly [number, number], [j, d]: readonly [number, number]) =>
          data[((3 * i + c) * n + j) * 3 + d]!;
        return [entry(left, right), Math.sqrt(entry(left, left) * entry(right, right))] as const;
      };
      for (const [use, product] of found) {
        const parameter = parameters.get(use)!;
        const [expected, size] = at(parameter);
        // The oracle has exact zeros for key biases, where float32 leaves noise.
        const tolerance = oracle.keyBiases.includes(parameter) ? 1e-9 : 1e-5 * size;
        expect(Math.abs(product - expected), parameter).toBeLessThanOrEqual(tolerance);
      }
    }
  });
});
