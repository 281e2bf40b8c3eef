import { ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Program } from '../program.js';
import { expectSameNumbers, openBothRuntimes } from '../testing/compare-runtimes.js';
import { trace } from '../trace/trace.js';
import { lower } from './lower.js';
import type { OnnxGraph, OnnxNode } from './model-proto.js';

openBothRuntimes();

const LARGE = [12, 114, 2304];
const SMALL = [3, 4, 230];
type Build = (x: tf.Tensor, y: tf.Tensor) => Record<string, tf.Tensor>;
const program = (build: Build, shape = LARGE): Program => ({
  name: 'sliced',
  inputs: { x: { dtype: 'float32', shape }, y: { dtype: 'float32', shape } },
  build: ({ x, y }) => build(x!, y!),
});
const lowered = (build: Build, shape = LARGE, slicing = true) =>
  lower(trace(program(build, shape)), 'sliced', slicing);
const scans = ({ nodes }: OnnxGraph): OnnxNode[] => nodes.filter(({ op }) => op === 'Scan');
const bodyOf = (node: OnnxNode): OnnxGraph =>
  (node.attributes!['body'] as { readonly graph: OnnxGraph }).graph;
const wave = (shape: readonly number[], phase: number) =>
  ndarray<'float32'>(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 2 * Math.sin(0.37 * i + phase)),
    shape,
  );

/** Nine operations. */
const bell = (x: tf.Tensor): tf.Tensor =>
  x.div(2).square().neg().exp().add(x.abs()).mul(x).sub(0.5).tanh().mul(3);
const gradient: Build = (x, y) => ({ value: bell(x), slope: tf.grads((a) => bell(a!))([x], y)[0]! });
const around: Build = (x, y) => {
  const a = bell(x);
  // A sum over each slice's rows, and back.
  return { y: bell(a.sub(a.mean(1, true)).mul(y)) };
};
const parts: Build = (x, y) => {
  const [a, b] = [bell(x), bell(y)];
  return { joined: tf.concat([a, b]), a: a.reshape([12 * 114, 2304]), b, means: a.add(b).mean(2) };
};
const chosen: Build = (x, y) => {
  const range = tf.tensor1d(Float32Array.from({ length: 2304 }, (_, i) => i / 1000));
  const rows = x.max(2, true);
  const a = bell(x).mul(range).add(rows);
  return { y: tf.where(a.greater(y), a, y.mul(range)), positive: a.greater(0) };
};

test.each<[string, Build, number]>([
  ['a function and its derivative', gradient, 1],
  ['values that leave and come back', around, 2],
  ['values that are returned, joined and used elsewhere', parts, 1],
  ['inputs of other shapes, and other types', chosen, 1],
])('%s are the same numbers slice by slice', async (_, build, count) => {
  expect(scans(lowered(build))).toHaveLength(count);
  await expectSameNumbers({
    arrays: { x: wave(LARGE, 0), y: wave(LARGE, 1) },
    build: ({ x, y }) => build(x!, y!),
    tolerance: 2e-5,
  });
});

test('what is between the operations is only ever as large as a slice', () => {
  const graph = lowered(gradient);
  expect(graph.nodes.map(({ op }) => op)).toEqual(['Scan']);
  const body = bodyOf(graph.nodes[0]!);
  for (const { shape } of [...body.inputs, ...body.outputs]) expect(shape).toEqual(LARGE.slice(1));
  expect(graph.nodes[0]!.outputs).toHaveLength(2);
});

test('few operations, small tensors and slices, and other runtimes are left alone', () => {
  expect(scans(lowered((x, y) => ({ y: x.mul(y).exp().add(1) })))).toEqual([]);
  expect(scans(lowered(gradient, SMALL))).toEqual([]);
  expect(scans(lowered(gradient, [400_000, 8]))).toEqual([]);
  expect(scans(lowered(gradient, [1, 1368, 2304]))).toEqual([]);
  expect(scans(lowered(gradient, LARGE, false))).toEqual([]);
});

type Step = { readonly op: number; readonly a: number; readonly b: number };
/** Values in the order in which they were made, each from two of those before. */
const built =
  (steps: readonly Step[]): Build =>
  (x, y) => {
    const values = [x, y];
    for (const { op, a, b } of steps) {
      const [p, q] = [values[a % values.length]!, values[b % values.length]!];
      const operations = [
        () => p.add(q),
        () => p.mul(q).tanh(),
        () => p.sub(q).exp(),
        () => p.sub(q.mean(2, true)),
      ];
      values.push(operations[op % operations.length]!());
    }
    return { y: values.at(-1)!, z: values[Math.floor(values.length / 2)]! };
  };
const step = fc.record({ op: fc.nat(3), a: fc.nat(50), b: fc.nat(50) });

/** Names that are used before they are computed, or computed twice. */
const misplaced = (graph: OnnxGraph, known: ReadonlySet<string>): string[] => {
  const made = new Set([
    ...known,
    ...graph.initializers.map((c) => c.name),
    ...graph.inputs.map((i) => i.name),
  ]);
  const wrong: string[] = [];
  for (const node of graph.nodes) {
    wrong.push(...node.inputs.filter((input) => !made.has(input)));
    if (node.op === 'Scan') wrong.push(...misplaced(bodyOf(node), made));
    for (const output of node.outputs) {
      if (made.has(output)) wrong.push(output);
      made.add(output);
    }
  }
  return [...wrong, ...graph.outputs.map(({ name }) => name).filter((name) => !made.has(name))];
};

test('every value is computed once, before it is used', () => {
  let most = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
      const graph = lowered(built(steps));
      most = Math.max(most, scans(graph).length);
      expect(misplaced(graph, new Set())).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(most).toBeGreaterThan(1);
});
