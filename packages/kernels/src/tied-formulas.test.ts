import { ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import {
  eagerJacobian,
  loadModel,
  type ParameterRef,
  partKey,
  rowsOf,
  siteParameters,
  takePart,
  usedSize,
} from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { architectureCase } from '../../models/src/testing/architecture-cases.js';
import {
  aSignGd,
  computeKernels,
  cosine,
  type GradientMap,
  type KernelFormula,
  lossOf,
  scaleMap,
  signGd,
  signMap,
  targetsOf,
  type WeightDirection,
} from './index.js';
import { drawnDirection } from './testing/drawn-direction.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(async () => {
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});

/** Gradients of a tiny model's logits; the decoder's are added to those of the word embeddings, which it is. */
const tiedGradients = async (name: string) => {
  const { directory, examples, labelWordIds } = architectureCase(name);
  const model = await loadModel(directory);
  const own = model.stages(labelWordIds).flatMap(({ sites }) => sites.flatMap(siteParameters));
  const moving = new Set(own.filter(({ zero }) => !zero).map(({ ref }) => partKey(ref)));
  const jacobian = await eagerJacobian(model, examples, labelWordIds, (ref) => moving.has(partKey(ref)));
  const { parts, logits } = jacobian;
  const startOf = (wanted: (ref: ParameterRef) => boolean) => {
    const place = parts.findIndex(wanted);
    return parts.slice(0, place).reduce((sum, ref) => sum + usedSize(ref), 0);
  };
  const decoder = parts.find((ref) => rowsOf(ref) && ref.shape.length === 2)!;
  const width = decoder.shape[1]!;
  const from = startOf((ref) => ref === decoder);
  const to = startOf((ref) => /(word_embeddings|wte)\.weight$/.test(ref.name) && ref !== decoder);
  const rows = jacobian.rows.map((row) => {
    const folded = row.slice();
    for (const [l, id] of rowsOf(decoder)!.entries())
      for (let k = 0; k < width; k++) folded[to + id * width + k]! += row[from + l * width + k]!;
    return folded.fill(0, from, from + usedSize(decoder));
  });
  return { model, examples, labelWordIds, parts, rows, logits };
};

const made = (train: GradientMap, query: GradientMap): KernelFormula => ({
  ...{ name: 'made', title: 'Made', train, query },
});

test.each(sampled(['roberta', 'gpt2', 'albert', 'electra-equal'], 2))(
  'a tied decoder of a tiny %s is one parameter with the word embeddings for any map',
  async (name) => {
    const { model, examples, labelWordIds, parts, rows } = await tiedGradients(name);
    const scale = scaleMap(drawnDirection(model, 1));
    const formulas: readonly KernelFormula[] = [
      cosine,
      signGd,
      aSignGd,
      made(scale, scale),
      made(signMap, scale),
      made(scale, signMap),
    ];
    const numbersOf = async (factors: WeightDirection | undefined) => {
      const all: number[] = [];
      for (const ref of factors ? parts : []) {
        // Where the decoder's own part was is now zero, whatever its factors are.
        const { data } = takePart(await factors!.read(ref.name), ref.part);
        for (const x of data) all.push(x);
      }
      return all;
    };
    for (const formula of formulas) {
      const sides = await Promise.all(
        [formula.train, formula.query].map(async (map) => {
          const factors = await numbersOf(map.factors);
          return rows.map((row) => map.numbers(row, factors));
        }),
      );
      const [left, right] = sides as [Float64Array[], Float64Array[]];
      const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
      const entries = Float64Array.from(left.flatMap((x) => right.map((y) => dot(x, y))));
      const [n, count] = [examples.length, labelWordIds.length];
      const products = ndarray<'float64'>(entries, [n, count, n, count]);
      const diagonal = left.map((x, i) => dot(x, right[i]!));
      const expected = formula.finish?.(products, diagonal, diagonal) ?? products;
      const { train } = await computeKernels({
        ...{ model, runtime, labelWordIds, formula, train: examples, queries: {}, tied: true, batchSize: 3 },
      });
      expect(relativeDifference(train.kernel, expected), formula.name).toBeLessThan(1e-5);
    }
    await model.close();
  },
);

test.each(sampled(['roberta', 'gpt2', 'albert'], 1))(
  'Adam’s v of tied word embeddings in a tiny %s is that of the sum of both gradients',
  async (name) => {
    const { model, examples, labelWordIds, parts, rows, logits } = await tiedGradients(name);
    const count = labelWordIds.length;
    const labels = examples.map((_, i) => i % count);
    const f = ndarray<'float64'>(logits, [examples.length, count]);
    const { cotangent: chi } = lossOf('cross-entropy', f, targetsOf(labels, count));
    const expected = new Float64Array(rows[0]!.length);
    for (const i of examples.keys())
      for (const k of expected.keys()) {
        let gradient = 0;
        for (let c = 0; c < count; c++) gradient += chi[i * count + c]! * rows[i * count + c]![k]!;
        expected[k]! += gradient ** 2 / examples.length;
      }
    let v: WeightDirection | undefined;
    const keep: KernelFormula = {
      ...made(scaleMap(), scaleMap()),
      needsLabels: true,
      prepare: async ({ meanSquaredGradient }) => {
        v = await meanSquaredGradient('cross-entropy');
        return made(scaleMap(v), scaleMap(v));
      },
    };
    await computeKernels({
      ...{ model, runtime, labelWordIds, labels, formula: keep, train: examples, queries: {}, tied: true },
    });
    let start = 0;
    for (const ref of parts) {
      const own = expected.slice(start, start + usedSize(ref));
      start += own.length;
      // The tied decoder has no gradient of its own.
      if (rowsOf(ref) && ref.shape.length === 2) continue;
      const { data } = takePart(await v!.read(ref.name), ref.part);
      const found = ndarray<'float32'>(data, [data.length]);
      expect(relativeDifference(found, ndarray(own, [own.length])), ref.name).toBeLessThan(1e-5);
    }
    await model.close();
  },
);
