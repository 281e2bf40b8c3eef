import type { tf } from '@ntk-lens/engine';
import { expect, test } from 'vitest';
import { UnknownFormulaError } from '../errors.js';
import {
  describeFormula,
  elementBytes,
  formsGradients,
  isInnerProduct,
  isSymmetric,
  isTernary,
  type KernelFormula,
  keepsRankOne,
  kernelCount,
  type MapPair,
} from './formula.js';
import { type GradientMap, identityMap, scaleMap, signMap } from './gradient-map.js';
import { formulaNames, formulaOf, formulas } from './index.js';
import { programMap, programMaps } from './program-maps.js';

/** What follows from the two maps. */
const factsOf = (maps: MapPair) => ({
  symmetric: isSymmetric(maps),
  kernels: kernelCount(maps),
  forms: formsGradients(maps),
  rankOne: keepsRankOne(maps),
  ternary: isTernary(maps),
  bytes: elementBytes(maps),
});

test('what follows from the maps of every formula', () => {
  const linear = { symmetric: true, kernels: 1, forms: false, rankOne: true, ternary: false, bytes: 4 };
  const facts = Object.fromEntries(
    Object.entries(formulas).map(([name, formula]) => [name, factsOf(formula)]),
  );
  expect(facts).toEqual({
    sgd: linear,
    cosine: linear,
    // Gradients of several tokens must be formed for their signs, which are multiplied as integers of a byte.
    signgd: { symmetric: true, kernels: 1, forms: true, rankOne: true, ternary: true, bytes: 5 },
    'a-signgd': { symmetric: false, kernels: 2, forms: true, rankOne: true, ternary: false, bytes: 8 },
    // A matrix of factors goes through no outer product.
    adam: { symmetric: true, kernels: 1, forms: true, rankOne: false, ternary: false, bytes: 8 },
  });
});

test('SGD alone has the inner product of the gradients itself', () => {
  // Signs are not linear, D is not the identity, and lengths of projected gradients are not those of gradients.
  expect(formulaNames.filter((name) => isInnerProduct(formulas[name]))).toEqual(['sgd']);
});

test('linear maps are symmetric together, others only with themselves', () => {
  const scale = scaleMap();
  const symmetric = (train: MapPair['train'], query: MapPair['query']) => isSymmetric({ train, query });
  expect(symmetric(identityMap, scale)).toBe(true);
  expect(symmetric(scale, scaleMap())).toBe(true);
  expect(symmetric(signMap, signMap)).toBe(true);
  expect(symmetric(signMap, scale)).toBe(false);
  // Whether another object is the same map, nobody knows.
  expect(symmetric(signMap, { ...signMap })).toBe(false);
});

test('programs for one map on both sides are not those for two equal ones', () => {
  const scale = scaleMap();
  const one = programMaps({ train: scale, query: scale });
  const two = programMaps({ train: scale, query: scaleMap() });
  expect([one.same, two.same]).toEqual([true, false]);
  expect(one.train).toBe(one.query);
  expect(two.train.identity).toBe(two.query.identity);
});

test('a map that differs in its function or in what it says of itself is another map to programs', () => {
  const scale = scaleMap();
  const maps: GradientMap[] = [
    ...[identityMap, signMap, scale, { ...signMap, ternary: false }, { ...scale, needsFactors: false }],
    ...[2, 3].map((by) => ({ ...identityMap, tensor: (gradient: tf.Tensor) => gradient.mul(by) })),
  ];
  expect(new Set(maps.map((map) => programMap(map).identity)).size).toBe(maps.length);
  expect(programMap({ ...signMap }).identity).toBe(programMap(signMap).identity);
});

test('a map with factors of its own is never taken through the factors of a gradient', () => {
  const gate: GradientMap = { ...identityMap, needsFactors: true };
  expect([keepsRankOne, formsGradients].map((ask) => ask({ train: gate, query: gate }))).toEqual([
    false,
    true,
  ]);
});

test('every map does to numbers what it says of itself', () => {
  const factors = [0.5, 2, 3, 0.25, 1, 4];
  const [x, y] = [Float64Array.of(1, -2, 0, 3, -5, 1), Float64Array.of(-1, 2.5, 7, -3.5, 2, 1)];
  const add = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]!);
  const outer = (a: Float64Array, b: Float64Array) =>
    Float64Array.from([...a].flatMap((p) => [...b].map((q) => p * q)));
  for (const map of [identityMap, signMap, scaleMap()]) {
    const of = (g: Float64Array) => map.numbers(g, factors);
    const linear = String(of(add(x, y))) === String(add(of(x), of(y)));
    expect(linear, map.symbol).toBe(map.linear);
    const [a, b] = [x.slice(0, 2), y.slice(0, 3)];
    const rankOne = String(of(outer(a, b))) === String(outer(of(a), of(b)));
    expect(rankOne, map.symbol).toBe(map.keepsRankOne);
    expect(
      [...of(x), ...of(y)].every((value) => [-1, 0, 1].includes(value)),
      map.symbol,
    ).toBe(map.ternary);
  }
  expect(() => scaleMap().numbers(x, undefined)).toThrow('before its factors were found');
});

test('formulas are found by name, and an unknown name is answered with those that exist', () => {
  for (const name of formulaNames) expect(formulaOf(name)).toBe(formulas[name]);
  const own: KernelFormula = { ...formulas.sgd, name: 'own' };
  expect(formulaOf(own)).toBe(own);
  for (const name of ['sdg', '', 'toString', '__proto__'])
    expect(() => formulaOf(name)).toThrow(UnknownFormulaError);
  expect(() => formulaOf('sdg')).toThrow(`found "sdg", expected one of ${formulaNames.join(', ')}`);
});

test('manifests name formulas, with their settings where there are any', () => {
  expect(describeFormula(formulas['a-signgd'])).toBe('a-signgd');
  expect(describeFormula(formulas.adam)).toMatchObject({ name: 'adam', loss: 'cross-entropy', eps: 1e-8 });
  expect(JSON.parse(JSON.stringify(describeFormula(formulas.adam)))).toEqual(describeFormula(formulas.adam));
});
