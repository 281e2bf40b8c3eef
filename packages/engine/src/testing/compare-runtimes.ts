import type { NDArray } from '@ntk-lens/core';
import type * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRuntime } from '../node/create-runtime.js';
import type { Program } from '../program.js';
import type { Runtime } from '../runtime.js';
import { uploadAll } from './run-sample.js';

export interface Comparison {
  readonly arrays: Readonly<Record<string, NDArray<'float32' | 'int32'>>>;
  readonly build: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor | Record<string, tf.Tensor>;
  /** Largest difference allowed, relative to the larger of 1 and the value; 0 (default) asks for equality. */
  readonly tolerance?: number;
}

let compiled: Runtime;
let eager: Runtime;
let count = 0;

const checked = new Set<string>();

/** Opens `ort-cpu` and `tfjs-cpu` for the tests of a file. */
export const openBothRuntimes = (): void => {
  checked.clear();
  beforeAll(async () => {
    compiled = await createRuntime({ runtime: 'ort-cpu', threads: 1, compiledPrograms: 4 });
    eager = await createRuntime({ runtime: 'tfjs-cpu' });
  });
  afterAll(async () => {
    await compiled.close();
    await eager.close();
  });
};

const compute = async (runtime: Runtime, program: Program, arrays: Comparison['arrays']) => {
  const copies = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, { ...array, data: array.data.slice() }]),
  ) as Comparison['arrays'];
  const inputs = await uploadAll(runtime, copies);
  const results = await runtime.compute(program, inputs);
  runtime.release(Object.values(inputs));
  return results;
};

/** Runs a function compiled and eagerly and expects the same names, shapes, types and values. */
export const expectSameNumbers = async ({ arrays, build, tolerance = 0 }: Comparison): Promise<void> => {
  const program: Program = {
    name: `compared ${count++}`,
    inputs: Object.fromEntries(
      Object.entries(arrays).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
    ),
    build: (inputs) => {
      const result = build(inputs);
      return 'dataId' in result ? { y: result as tf.Tensor } : (result as Record<string, tf.Tensor>);
    },
  };
  const [found, expected] = [await compute(compiled, program, arrays), await compute(eager, program, arrays)];
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, { shape, dtype, data }] of Object.entries(expected)) {
    expect({ shape: found[name]!.shape, dtype: found[name]!.dtype }).toEqual({ shape: [...shape], dtype });
    for (const [i, value] of [...data].entries()) {
      const other = found[name]!.data[i]!;
      if (Object.is(other, value) || other === value) continue;
      const difference = Math.abs(other - value) / Math.max(1, Math.abs(value));
      // Not NaN either: a comparison with NaN is false.
      if (!(difference <= tolerance))
        expect.fail(`${name}[${i}] is ${other} compiled and ${value} eager (tolerance ${tolerance}).`);
    }
  }
};

/** Kernels that {@link checkKernel} was called for in this test file. */
export const checkedKernels = (): string[] => [...checked].sort();

/** A test that a kernel gives the same numbers compiled and eager, on random cases. */
export const checkKernel = (kernel: string, cases: fc.Arbitrary<Comparison>, numRuns = 8): void => {
  checked.add(kernel);
  test(kernel, async () => {
    await fc.assert(fc.asyncProperty(cases, expectSameNumbers), { numRuns, seed: 7 });
  });
};
