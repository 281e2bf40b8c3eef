import { ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { expect, test } from 'vitest';
import type { Program } from '../program.js';
import { expectSameNumbers, openBothRuntimes } from '../testing/compare-runtimes.js';
import { trace } from '../trace/trace.js';
import { compileProgram } from './compile-program.js';
import { lower } from './lower.js';

openBothRuntimes();

const X = { dtype: 'float32', shape: [4, 3] } as const;
type Build = (x: tf.Tensor) => Record<string, tf.Tensor>;
const program = (build: Build): Program => ({
  name: 'reshaped outputs',
  inputs: { x: X },
  build: ({ x }) => build(x!),
});

const product: Build = (x) => ({ y: x.matMul(tf.ones([3, 6])).reshape([2, 2, 6]) });
const usedToo: Build = (x) => {
  const y = x.exp().reshape([2, 6]);
  return { y, z: y.add(1), sum: y.sum() };
};
const twice: Build = (x) => {
  const e = x.exp();
  return { a: e.reshape([12]), b: e, c: e.reshape([2, 6]), d: e.reshape([12]) };
};
const rows: Build = (x) => ({
  y: tf.concat([x.exp(), x.slice([1, 0], [2, 3])]),
  z: tf.stack([x.add(1), x.mul(x)]),
});
const joinedAndUsed: Build = (x) => {
  const y = tf.concat([x.exp().reshape([2, 6]), x.square().reshape([2, 6])]);
  return { y, sum: y.sum(), z: y.reshape([24]) };
};
const sharedParts: Build = (x) => {
  const e = x.exp();
  return { a: tf.concat([e, x.square()]), b: tf.concat([e, e]), c: tf.concat([x, x.neg()]), e };
};
const nested: Build = (x) => ({
  y: tf.concat([tf.concat([x.exp(), x.neg()]), x.square()]),
  wide: tf.concat([x.exp().expandDims(0), x.square().expandDims(0)], 1),
  sideways: tf.concat([x.exp(), x.square()], 1),
});
const ofInputs: Build = (x) => ({ a: x.reshape([12]), b: x, c: tf.ones([6]).reshape([2, 3]) });

test.each<[string, Build]>([
  ['a product', product],
  ['a value that the program uses as well', usedToo],
  ['a value that is returned in several shapes', twice],
  ['inputs and constants', ofInputs],
  ['joined rows', rows],
  ['joined rows that the program uses as well', joinedAndUsed],
  ['joined rows that are returned elsewhere too', sharedParts],
  ['rows that are joined twice, and joined along other axes', nested],
])('outputs that are reshapings of %s have their shapes and numbers', async (_, build) => {
  const x = ndarray<'float32'>(
    Float32Array.from({ length: 12 }, (_, i) => i / 7),
    X.shape,
  );
  await expectSameNumbers({ arrays: { x }, build: (inputs) => build(inputs['x']!), tolerance: 1e-6 });
});

test('an output is returned in the shape in which it is computed, without a Reshape', () => {
  const { nodes, outputs } = lower(trace(program(product)), 'product');
  expect(nodes.map(({ op }) => op)).not.toContain('Reshape');
  expect(outputs.map(({ shape }) => shape)).toEqual([[4, 6]]);
  const y = compileProgram(program(product)).results.get('y');
  expect(y).toMatchObject({ shape: [2, 2, 6], parts: [{ shape: [4, 6] }] });
});

test('the second return of a value is a copy, not the same memory', () => {
  const { nodes, outputs } = lower(trace(program(twice)), 'twice');
  expect(new Set(outputs.map(({ name }) => name)).size).toBe(4);
  const made = nodes.flatMap((node) => node.outputs);
  expect(new Set(made).size).toBe(made.length);
  for (const { name } of outputs) expect(made).toContain(name);
});

test('rows that are joined for an output are computed where it lies, without a Concat', () => {
  const { nodes, outputs, parts } = lower(trace(program(rows)), 'rows');
  expect(nodes.map(({ op }) => op)).not.toContain('Concat');
  expect(outputs.map(({ shape }) => shape)).toEqual([
    [4, 3],
    [2, 3],
    [4, 3],
    [4, 3],
  ]);
  expect([...parts.values()].flat()).toEqual(outputs.map(({ name }) => name));
});
