import * as tf from '@ntk-lens/tfjs';
import { expect, test } from 'vitest';
import type { Program, TensorSpec } from '../program.js';
import type { Graph } from './graph.js';
import { trace } from './trace.js';

// tfjs greets every Node process that uses its own backends.
tf.env().set('PROD', true);

const float = (...shape: number[]): TensorSpec => ({ dtype: 'float32', shape });
const graphOf = (inputs: Program['inputs'], build: Program['build']): Graph =>
  trace({ name: 'traced', inputs, build });
/** Operations that the results need, inputs left out. */
const operations = (graph: Graph): string[] =>
  graph
    .live()
    .map((id) => graph.node(id).op)
    .filter((op) => op !== 'Input');

test('equal operations on equal inputs are one node', () => {
  const graph = graphOf({ x: float(3) }, ({ x }) => ({
    a: tf.exp(x!.mul(2)).add(1),
    b: tf.exp(x!.mul(2)).sub(3),
  }));
  expect(operations(graph).filter((op) => op === 'Exp')).toHaveLength(1);
  expect(operations(graph).filter((op) => op === 'Multiply')).toHaveLength(1);
});

test('gradients of several results share one forward pass', () => {
  const layer = (x: tf.Tensor, w: tf.Tensor) => tf.tanh(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
  const results = 4;
  const gradients = (count: number) =>
    graphOf({ x: float(2, 3), w: float(3, 3) }, ({ x, w }) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `d${i}`,
          tf.grad((m: tf.Tensor) =>
            layer(layer(x!, m), m)
              .slice([0, 0], [1, 1])
              .mul(i + 1)
              .asScalar(),
          )(w!),
        ]),
      ),
    );
  const tanhs = (graph: Graph) => operations(graph).filter((op) => op === 'Tanh').length;
  expect(tanhs(gradients(results))).toBe(tanhs(gradients(1)));
  expect(gradients(results).live().length).toBeLessThan(results * gradients(1).live().length);
});

test('adding 0 and multiplying by 1 leave no node, unless they broadcast', () => {
  const inputs = { x: float(2, 3) };
  for (const neutral of [
    (x: tf.Tensor) => x.add(0),
    (x: tf.Tensor) => tf.zeros([2, 3]).add(x),
    (x: tf.Tensor) => x.sub(tf.zerosLike(x)),
    (x: tf.Tensor) => x.mul(1),
    (x: tf.Tensor) => tf.onesLike(x).mul(x),
    (x: tf.Tensor) => x.div(1),
    (x: tf.Tensor) => x.reshape([3, 2]).reshape([2, 3]),
    (x: tf.Tensor) => x.transpose([0, 1]),
    (x: tf.Tensor) => x.tile([1, 1]),
    (x: tf.Tensor) => x.slice([0, 0], [2, 3]),
    (x: tf.Tensor) =>
      x.pad([
        [0, 0],
        [0, 0],
      ]),
    (x: tf.Tensor) => x.broadcastTo([2, 3]),
    (x: tf.Tensor) => tf.concat([x]),
    (x: tf.Tensor) => x.toFloat(),
  ]) {
    expect(operations(graphOf(inputs, ({ x }) => ({ y: neutral(x!) })))).toEqual([]);
  }
  const broadcast = graphOf(inputs, ({ x }) => ({ y: x!.add(tf.zeros([4, 2, 3])) }));
  expect(operations(broadcast)).toContain('Add');
  const negated = graphOf(inputs, ({ x }) => ({ y: tf.zeros([2, 3]).sub(x!) }));
  expect(operations(negated)).toContain('Sub');
});

test('a constant of equal elements keeps its value and takes every new shape', () => {
  const graph = graphOf({ x: float(1) }, () => ({
    reshaped: tf.fill([2, 3], 5).reshape([6]),
    tiled: tf.fill([2], 5).tile([2]),
    cut: tf.fill([4, 4], 5).slice([1, 1], [2, 3]),
    wider: tf.fill([1, 2], 5).broadcastTo([3, 2]),
  }));
  for (const [name, shape] of Object.entries({ reshaped: [6], tiled: [4], cut: [2, 3], wider: [3, 2] })) {
    const id = graph.results.get(name)!;
    expect(graph.node(id)).toMatchObject({ id, op: 'Fill', attrs: { value: 5 }, shape });
  }
});

test('constants that JSON cannot tell apart stay apart', () => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
  const graph = graphOf({ x: float(1) }, () =>
    Object.fromEntries(values.map((value, i) => [`y${i}`, tf.fill([2], value)])),
  );
  const found = [...graph.results.values()].map((id) => graph.node(id).attrs['value']);
  expect(found).toEqual(values);
  const mixed = graphOf({ x: float(1) }, () => ({ y: tf.tensor1d([0, -0]) }));
  expect(operations(mixed)).toEqual(['Const']);
});

test('long constants of equal elements are one node, and others stay apart', () => {
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const changed = (value: number) => [...numbers.slice(0, -1), value];
  const constants: (() => tf.Tensor)[] = [
    () => tf.tensor1d(numbers),
    () => tf.tensor1d(numbers, 'int32'),
    () => tf.tensor2d(numbers, [10, 10]),
    () => tf.tensor1d([...numbers, 100]),
    () => tf.tensor1d(changed(-1)),
    () => tf.tensor1d(changed(Number.NaN)),
    () => tf.tensor1d(changed(0)),
    () => tf.tensor1d(changed(-0)),
  ];
  const graph = graphOf({ x: float(1) }, () =>
    Object.fromEntries([...constants, ...constants].map((make, i) => [`y${i}`, make()])),
  );
  const ids = [...graph.results.values()];
  expect(ids.slice(constants.length)).toEqual(ids.slice(0, constants.length));
  expect(new Set(ids).size).toBe(constants.length);
});

test('what cannot be traced says why', () => {
  const x = float(2);
  expect(() => graphOf({ x }, ({ x }) => ({ y: tf.tensor1d(x!.dataSync() as Float32Array) }))).toThrow(
    /cannot read values/,
  );
  expect(() => graphOf({ x }, ({ x }) => ({ y: x!.add(tf.ones([3])) }))).toThrow(
    /\[2\] and \[3\] do not broadcast/,
  );
  expect(() => graphOf({ x }, ({ x }) => ({ y: tf.cumsum(x!) }))).toThrow(/Cumsum.*not registered/);
  tf.setBackend('cpu');
  const outside = tf.tensor1d([1, 2]);
  expect(() => graphOf({ x }, ({ x }) => ({ y: x!.add(outside) }))).toThrow(/Pass it as an input/);
  outside.dispose();
});

test('tracing leaves the backend and the tensor count as they were', () => {
  tf.setBackend('cpu');
  const before = tf.memory().numTensors;
  graphOf({ x: float(2) }, ({ x }) => ({ y: tf.grad((v: tf.Tensor) => tf.sum(v.square()))(x!) }));
  expect(() =>
    graphOf({ x: float(2) }, () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(tf.getBackend()).toBe('cpu');
  expect(tf.memory().numTensors).toBe(before);
});
