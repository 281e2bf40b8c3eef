import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { computeKernels, textbookKernel } from '@ntk-lens/kernels';
import { eagerJacobian, loadModel, usedSize, withBranches } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { architectureRoot } from '../../models/src/testing/architecture-cases.js';
import { fineTune, parseSpace } from './node.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const words = [[41], [17, 63, 8], [17, 5]];
const examples = [
  [29, 16, 25, 18],
  [27, 24, 7, 27, 15, 20],
  [6, 26, 13],
].map((inputIds) => withBranches({ inputIds, position: inputIds.length - 1 }, words));

const specs = ['lora:r=2', 'bitfit', 'prefix:2', 'prompt:2', 'ia3'];

test.each(sampled(specs, 2))(
  'kernels of whole label words in the space %s are those of the definition',
  async (spec) => {
    const base = await loadModel(`${architectureRoot}/gpt2-scaled`);
    const space = await parseSpace(spec).apply(base, { seed: 3 });
    const common = { ...space.kernel, formula: 'sgd', labelWordIds: words, train: examples } as const;
    const expected = await textbookKernel({ ...common, queries: examples });
    const found = await computeKernels({ ...common, runtime, queries: {} });
    expect(relativeDifference(found.train.kernel, expected.kernel)).toBeLessThan(1e-4);
    await base.close();
  },
);

test('a step of gradient descent on whole label words moves a tied model against its gradient', async () => {
  const model = await loadModel(`${architectureRoot}/gpt2-scaled`);
  const learningRate = 1e-2;
  const { model: tuned } = await fineTune({
    ...{ runtime, model, labelWordIds: words, optimizer: { name: 'sgd' }, loss: 'cross-entropy' },
    ...{ learningRate, steps: 1, batchSize: 3, seed: 1, dropout: false },
    train: { examples, labels: [0, 1, 2] },
  });
  const { parts, rows, logits } = await eagerJacobian(model, examples, words);
  // χ = softmax(f) − 1[c = y], the mean over three examples.
  const chi = examples.flatMap((_, i) => {
    const own = [...logits.slice(3 * i, 3 * i + 3)].map(Math.exp);
    const sum = own.reduce((a, b) => a + b, 0);
    return own.map((p, c) => (p / sum - Number(c === i)) / 3);
  });
  const gradient = rows[0]!.map((_, k) => rows.reduce((sum, row, r) => sum + chi[r]! * row[k]!, 0));
  // A tied table moves by the sum of the gradients of both its uses.
  const byStored = new Map<string, Float64Array>();
  let at = 0;
  for (const ref of parts) {
    const stored = model.storedName(ref.name);
    const sum = byStored.get(stored) ?? new Float64Array(usedSize(ref));
    if (ref.part === undefined)
      byStored.set(
        stored,
        sum.map((g, k) => g + gradient[at + k]!),
      );
    at += usedSize(ref);
  }
  expect(at).toBe(gradient.length);
  for (const name of [
    'transformer.wte.weight',
    'transformer.wpe.weight',
    'transformer.h.0.mlp.c_fc.weight',
  ]) {
    const [before, after] = [await model.read(name), await tuned.read(name)];
    const expected = byStored.get(model.storedName(name))!.map((g) => -learningRate * g);
    const moved = Float64Array.from(after.data, (x, k) => x - before.data[k]!);
    const array = (data: Float64Array) => ({ dtype: 'float64' as const, shape: [data.length], data });
    expect(relativeDifference(array(moved), array(Float64Array.from(expected)))).toBeLessThan(1e-3);
  }
  await model.close();
});
