import { ndarray, sizeOf } from '@ntk-lens/core';
import { createRuntime, type Runtime, tf } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linearSites } from '../sites/linear.js';
import { type ChainCase, chainCase, type Masks, PlainNetwork } from '../testing/chain-case.js';
import { pass } from '../testing/chain-pass.js';
import type { LogitWeights } from './stage-programs.js';

tf.env().set('PROD', true);
const runtimes: Partial<Record<'ort-cpu' | 'tfjs-cpu', Runtime>> = {};
beforeAll(async () => {
  runtimes['ort-cpu'] = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  runtimes['tfjs-cpu'] = await createRuntime({ runtime: 'tfjs-cpu' });
});
afterAll(async () => {
  for (const runtime of Object.values(runtimes)) await runtime.close();
});

const names = ['bert', 'albert', 'gpt2'] as const;
const where = ['ort-cpu', 'tfjs-cpu'] as const;
const cases = new Map<string, Promise<ChainCase>>();
const caseOf = (name: string): Promise<ChainCase> => {
  const made = cases.get(name) ?? chainCase(name);
  cases.set(name, made);
  return made;
};

const expectClose = (found: ArrayLike<number>, expected: readonly number[], what: string) => {
  expect(found.length, what).toBe(expected.length);
  let [difference, size] = [0, 0];
  for (const [i, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(found[i]! - value));
    size = Math.max(size, Math.abs(value));
  }
  expect(difference, what).toBeLessThan(1e-4 * size + 1e-6);
};

const identity = (n: number): LogitWeights =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));

describe.each(where)('on %s', (at) => {
  it.each(sampled(names, 1))(
    'the forward pass of %s is the plain application of its stages',
    async (name) => {
      const runtime = runtimes[at]!;
      const network = await caseOf(name);
      const { logits } = await pass(runtime, network, {});
      await tf.setBackend('cpu');
      const plain = new PlainNetwork(network);
      const expected = plain.apply(plain.variables());
      expect(logits.shape).toEqual(expected.shape);
      const values = [...expected.dataSync()];
      if (at === 'tfjs-cpu') expect([...logits.data]).toEqual(values);
      else expectClose(logits.data, values, name);
    },
  );

  it('logitWeights are combinations of the logits', async () => {
    const runtime = runtimes[at]!;
    const network = await caseOf('bert');
    const { logits } = await pass(runtime, network, {});
    const [n, L] = logits.shape as [number, number];
    expect((await pass(runtime, network, { logitWeights: identity(L) })).logits).toEqual(logits);
    const logitWeights = [
      Array.from({ length: L }, (_, i) => i - 1),
      Array.from({ length: L }, (_, i) => 0.5 ** i),
    ];
    const combined = (await pass(runtime, network, { logitWeights })).logits;
    expect(combined.shape).toEqual([n, 2]);
    for (let i = 0; i < n; i++) {
      const row = logits.data.subarray(i * L, (i + 1) * L);
      for (const [c, readout] of logitWeights.entries())
        expect(combined.data[2 * i + c]).toBeCloseTo(
          readout.reduce((sum, r, l) => sum + r * row[l]!, 0),
          5,
        );
    }
  });

  it.each(sampled(names, 1))('gradients of %s are those of the network as one function', async (name) => {
    const network = await caseOf(name);
    const labels = network.weights.at(-1)!['decoder.weight']!.shape[0]!;
    const logitWeights = [identity(labels)[labels - 1]!, Array.from({ length: labels }, (_, i) => i - 0.5)];
    const found = await pass(runtimes[at]!, network, { logitWeights });
    await tf.setBackend('cpu');
    const expected = [...new PlainNetwork(network).gradients(logitWeights)];
    for (const [i, stage] of network.stages.entries()) {
      for (const local of Object.keys(stage.weights)) {
        const gradients = expected.shift()!;
        for (const [c, gradient] of gradients.entries())
          expectClose(found.weights[i]![local]![c]!.data, gradient, `${stage.name} ${local} ${c}`);
      }
    }
  });

  it('gradients follow dropout masks, and so does the forward pass', async () => {
    const network = await caseOf('bert');
    await tf.setBackend('cpu');
    let seed = 1;
    const masks: Masks = new PlainNetwork(network).places().map((places) =>
      Object.fromEntries(
        [...places].map(([place, { shape, rate }]) => {
          const size = sizeOf(shape);
          const kept = tf.randomUniform([size], 0, 1, 'float32', seed++).greaterEqual(rate).dataSync();
          const data = Float32Array.from(kept, (one) => (one ? 1 / (1 - rate) : 0));
          return [place, ndarray<'float32'>(data, shape)];
        }),
      ),
    );
    expect(masks.flatMap((own) => Object.keys(own)).length).toBeGreaterThan(3);
    const logitWeights = [
      [1, ...Array<number>(network.weights.at(-1)!['decoder.weight']!.shape[0]! - 1).fill(0)],
    ];
    const found = await pass(runtimes[at]!, network, { logitWeights, masks });
    await tf.setBackend('cpu');
    const plain = new PlainNetwork(network, masks);
    const outputs = plain.apply(plain.variables()).mul(tf.tensor1d(logitWeights[0]!)).sum(-1);
    expectClose(found.logits.data, [...outputs.dataSync()], 'outputs');
    const without = await pass(runtimes[at]!, network, { logitWeights });
    expect([...without.logits.data]).not.toEqual([...found.logits.data]);
    await tf.setBackend('cpu');
    const expected = [...plain.gradients(logitWeights)];
    for (const own of found.weights)
      for (const [local, [gradient]] of Object.entries(own))
        expectClose(gradient!.data, expected.shift()![0]!, local);
  });

  it('the gradient of a linear weight is made of what its site leaves: Σ b aᵀ', async () => {
    const network = await caseOf('gpt2');
    const logitWeights = [
      [1, ...Array<number>(network.weights.at(-1)!['decoder.weight']!.shape[0]! - 1).fill(-0.5)],
    ];
    const { sites, weights } = await pass(runtimes[at]!, network, { logitWeights });
    await tf.setBackend('cpu');
    let checked = 0;
    for (const [i, stage] of network.stages.entries()) {
      for (const { name, inFirst } of linearSites(stage.sites)) {
        const [a, b] = [sites[i]![name]!.a, sites[i]![name]!.b[0]!].map(({ data, shape }) =>
          tf.tensor2d(data as Float32Array, [data.length / shape.at(-1)!, shape.at(-1)!]),
        ) as [tf.Tensor2D, tf.Tensor2D];
        const product = inFirst ? tf.matMul(a, b, true) : tf.matMul(b, a, true);
        expectClose(
          weights[i]![`${name}.weight`]![0]!.data,
          [...product.dataSync()],
          `${stage.name} ${name}`,
        );
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(5);
  });

  it('kept values of sites change nothing, to the last bit', async () => {
    const network = await caseOf('bert');
    const logitWeights = identity(network.weights.at(-1)!['decoder.weight']!.shape[0]!);
    const plain = await pass(runtimes[at]!, network, { logitWeights });
    const all = network.stages.map(({ sites }) => sites.map(({ name }) => name));
    const kept = await pass(runtimes[at]!, network, { logitWeights, keep: (stage) => all[stage]! });
    expect(kept).toEqual(plain);
    const subsets = fc.tuple(...all.map((sites) => fc.subarray(sites)));
    await fc.assert(
      fc.asyncProperty(subsets, async (keep) => {
        expect(await pass(runtimes[at]!, network, { logitWeights, keep: (stage) => keep[stage]! })).toEqual(
          plain,
        );
      }),
      { numRuns: 3 },
    );
  });
});
