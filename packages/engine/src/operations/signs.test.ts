import type * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRuntime } from '../node/create-runtime.js';
import { InlineClient } from '../ort/inline-client.js';
import { OrtRuntime } from '../ort/ort-runtime.js';
import type { Program } from '../program.js';
import type { Runtime } from '../runtime.js';
import { sign, ternary, ternaryGram } from './signs.js';

let compiled: Runtime;
/** Programs as they are compiled for graphics processors, on the CPU. */
let floats: Runtime;
let eager: Runtime;
beforeAll(async () => {
  compiled = await createRuntime({ runtime: 'ort-cpu', threads: 2, compiledPrograms: 4 });
  const info = {
    runtime: 'ort-webgpu',
    version: 'none',
    dtype: 'float32',
    threads: 1,
    reason: 'test',
  } as const;
  const sessionOptions = { executionProviders: ['cpu'], intraOpNumThreads: 1 };
  floats = new OrtRuntime(info, new InlineClient('ort-webgpu', ort, { sessionOptions }));
  eager = await createRuntime({ runtime: 'tfjs-cpu' });
});
afterAll(async () => {
  await compiled.close();
  await floats.close();
  await eager.close();
});

/** What `f` makes of rows of numbers, as an array. */
const apply = async (
  runtime: Runtime,
  name: string,
  rows: readonly (readonly number[])[],
  f: (x: tf.Tensor) => tf.Tensor,
) => {
  const shape = [rows.length, rows[0]!.length];
  const program: Program = {
    name,
    inputs: { x: { dtype: 'float32', shape } },
    build: ({ x }) => ({ y: f(x!) }),
  };
  const x = await runtime.upload({ dtype: 'float32', shape, data: Float32Array.from(rows.flat()) });
  const { y } = await runtime.compute(program, { x });
  runtime.release([x]);
  return [...y!.data].map((value) => value + 0);
};

// Everything from the smallest magnitude that `sign` promises to see to the largest float, and zero.
const seen = [0, -0, 8e-31, -8e-31, 1e-20, -1e-20, 1e-7, -1, 1, 3e7, -3e7, 1e30, -3.4e38, 3.4e38];
// What `ternary` promises: more than 2⁻⁹¹, and every float above.
const seenTernary = [0, -0, 4.1e-28, -4.1e-28, 1e-20, -1e-20, 1e-7, -1, 1, 3e7, -3e7, 3.4e38, -3.4e38];

test('sign is exactly −1, 0 or 1 for every magnitude it promises', async () => {
  const expected = seen.map((value) => Math.sign(value) + 0);
  expect(await apply(compiled, 'sign', [seen], sign)).toEqual(expected);
  expect(await apply(eager, 'sign', [seen], sign)).toEqual(expected);
});

test('ternary is 0, 1, 2 where it is bytes and −1, 0, 1 where it is floats', async () => {
  const expected = seenTernary.map((value) => Math.sign(value) + 0);
  expect(await apply(compiled, 'ternary', [seenTernary], ternary)).toEqual(expected.map((s) => s + 1));
  expect(await apply(floats, 'ternary', [seenTernary], ternary)).toEqual(expected);
  expect(await apply(eager, 'ternary', [seenTernary], ternary)).toEqual(expected);
});

const magnitudes = fc.constantFrom(0, 1e-27, 1e-20, 1e-9, 0.5, 1, 37, 1e9, 1e18);
const values = fc.tuple(fc.constantFrom(-1, 1), magnitudes).map(([s, m]) => s * m);

test('ternary Gram matrices are the exact integers', async () => {
  const shapes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70 }));
  const matrices = shapes.chain(([rows, columns]) =>
    fc.array(fc.array(values, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );
  await fc.assert(
    fc.asyncProperty(matrices, async (rows) => {
      const gram = (x: tf.Tensor) => ternaryGram(ternary(x), ternary(x));
      const expected = rows.flatMap((a) =>
        rows.map((b) => a.reduce((sum, value, i) => sum + Math.sign(value) * Math.sign(b[i]!), 0) + 0),
      );
      const name = `gram ${rows.length}×${rows[0]!.length}`;
      expect(await apply(compiled, name, rows, gram)).toEqual(expected);
      expect(await apply(floats, name, rows, gram)).toEqual(expected);
      expect(await apply(eager, name, rows, gram)).toEqual(expected);
    }),
    { numRuns: 25, seed: 3 },
  );
});

test('long rows do not saturate the integers: all agree, all differ, half and half', async () => {
  const p = 70_001;
  const make = (f: (i: number) => number) => Array.from({ length: p }, (_, i) => f(i));
  const rows = [make(() => 1), make(() => -1), make((i) => (i % 2 ? 1 : -1)), make(() => 0)];
  const expected = rows.flatMap((a) => rows.map((b) => a.reduce((sum, v, i) => sum + v * b[i]!, 0) + 0));
  const gram = (x: tf.Tensor) => ternaryGram(ternary(x), ternary(x));
  expect(await apply(compiled, 'long rows', rows, gram)).toEqual(expected);
  expect(await apply(floats, 'long rows', rows, gram)).toEqual(expected);
  expect(expected.slice(0, 4)).toEqual([p, -p, -1, 0]);
});

test('ternary tensors stay in the runtime as inputs of other programs', async () => {
  const make: Program = {
    name: 'make signs',
    inputs: { x: { dtype: 'float32', shape: [2, 3] } },
    build: ({ x }) => ({ signs: ternary(x!) }),
  };
  const use: Program = {
    name: 'use signs',
    inputs: { a: { dtype: 'ternary', shape: [2, 3] } },
    build: ({ a }) => ({ gram: ternaryGram(a!, a!) }),
  };
  for (const runtime of [compiled, floats, eager]) {
    const x = await runtime.upload({
      dtype: 'float32',
      shape: [2, 3],
      data: Float32Array.of(5, -1e-9, 0, 1, 1, -1),
    });
    const made = await runtime.run(make, { x });
    const { gram } = await runtime.compute(use, { a: made['signs']! });
    expect([...gram!.data]).toEqual([2, 0, 0, 3]);
    runtime.release([x, made['signs']!]);
    expect(runtime.residentBytes).toBe(0);
  }
});
