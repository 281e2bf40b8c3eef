import * as tf from '@ntk-lens/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { trace } from '../trace/trace.js';
import { gradientsOfEach } from './gradients-of-each.js';

beforeAll(() => tf.setBackend('cpu'));

/** A function that uses its arguments several times, broadcasts, and has parts that nothing depends on. */
const f = (...[x, w, b]: tf.Tensor[]): tf.Tensor => {
  tf.exp(x!);
  const h = tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b!));
  const [left, right] = tf.split(h, 2, 1);
  return tf.concat([tf.mul(left!, right!), tf.add(tf.sum(tf.square(x!), 1, true), left!)], 1);
};
const draw = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

test('gradients for each dy are those of tf.grads, to the bit, and nothing else stays', () => {
  const xs = [draw([3, 2], 1), draw([2, 4], 2), draw([4], 3)];
  const dys = [draw([3, 4], 4), draw([3, 4], 5)];
  const before = tf.memory().numTensors;
  const found = gradientsOfEach(f, xs, dys);
  expect(tf.memory().numTensors).toBe(before + 6);
  for (const [i, dy] of dys.entries())
    for (const [k, expected] of tf.grads(f)(xs, dy).entries())
      expect(found[i]![k]!.dataSync()).toEqual(expected.dataSync());
  tf.dispose([...xs, ...dys, ...found.flat()]);
});

test('within another gradient they are differentiated as well', () => {
  const [x, dy] = [tf.tensor1d([2, 3]), tf.tensor1d([1, 1])];
  const cubed = (x: tf.Tensor) => tf.mul(x, tf.square(x));
  const second = tf.grad((x: tf.Tensor) => gradientsOfEach((x) => cubed(x!), [x], [dy])[0]![0]!);
  expect([...second(x).dataSync()]).toEqual([12, 18]);
});

test('a traced function has the same graph', () => {
  const float = (...shape: number[]) => ({ dtype: 'float32', shape }) as const;
  const inputs = { x: float(3, 2), w: float(2, 4), b: float(4), first: float(3, 4), second: float(3, 4) };
  const graphOf = (gradients: (xs: tf.Tensor[], dys: tf.Tensor[]) => readonly (readonly tf.Tensor[])[]) =>
    trace({
      ...{ name: 'gradients', inputs },
      build: ({ x, w, b, first, second }) =>
        Object.fromEntries(
          gradients([x!, w!, b!], [first!, second!])
            .flat()
            .map((gradient, i) => [`${i}`, gradient]),
        ),
    });
  const found = graphOf((xs, dys) => gradientsOfEach(f, xs, dys));
  const expected = graphOf((xs, dys) => dys.map((dy) => tf.grads(f)(xs, dy)));
  expect(found.nodes).toEqual(expected.nodes);
  expect([...found.results]).toEqual([...expected.results]);
});

test('a function that does not depend on an argument is refused, and leaves no tape', () => {
  const x = tf.scalar(1);
  expect(() => gradientsOfEach(() => tf.scalar(2), [x], [x])).toThrow(/does not depend/);
  expect(tf.engine().state.gradientDepth).toBe(0);
  expect(tf.engine().state.activeTape).toBe(null);
});
