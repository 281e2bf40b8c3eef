import * as tf from '@ntk-lens/tfjs';
import { afterAll, describe, expect, test } from 'vitest';
import { ProgramFailedError } from './errors.js';
import { createRuntime } from './node/create-runtime.js';
import { TFJS_NODE_VARIABLE } from './node/open/open-tensorflow.js';
import type { Program } from './program.js';
import type { Runtime } from './runtime.js';
import type { RuntimeName } from './runtime-names.js';
import { expectSameSample } from './testing/expect-sample.js';
import { runSample, uploadAll } from './testing/run-sample.js';
import { sampleInputs, sampleProgram } from './testing/sample-program.js';

const opened = new Map<RuntimeName, Promise<Runtime>>();
const open = (name: RuntimeName): Promise<Runtime> => {
  const runtime = opened.get(name) ?? createRuntime({ runtime: name, threads: 2 });
  opened.set(name, runtime);
  return runtime;
};
afterAll(async () => {
  for (const runtime of opened.values()) await (await runtime).close();
});

test.each<RuntimeName>(['ort-cpu', 'tfjs-cpu'])('%s repeats itself to the last bit', async (name) => {
  const runtime = await open(name);
  expect(await runSample(runtime)).toEqual(await runSample(runtime));
});

const expectSample = async (name: RuntimeName) =>
  expectSameSample(await runSample(await open(name)), await runSample(await open('tfjs-cpu')));

test('a function and its gradients are the same numbers compiled and eager', () => expectSample('ort-cpu'));

const binding = process.env[TFJS_NODE_VARIABLE];
if (!binding) console.warn(`${TFJS_NODE_VARIABLE} is not set: the comparison with libtensorflow is skipped.`);
test.runIf(binding)('and on libtensorflow', () => expectSample('tfjs-node'));

test('wasm, which has no gradient of gather, says which program failed', async () => {
  const wasm = await open('tfjs-wasm');
  const inputs = await uploadAll(wasm, sampleInputs());
  await expect(wasm.run(sampleProgram, inputs)).rejects.toThrow(
    /Program "attention-like" failed on tfjs-wasm/,
  );
  await expect(wasm.run(sampleProgram, inputs)).rejects.toBeInstanceOf(ProgramFailedError);
  wasm.release(Object.values(inputs));
});

test('runtimes of the same process do not disturb each other', async () => {
  const double: Program = {
    name: 'double',
    inputs: { x: { dtype: 'float32', shape: [2] } },
    build: ({ x }) => ({ y: x!.add(x!) }),
  };
  const names = ['tfjs-cpu', 'tfjs-wasm', 'ort-cpu'] as const;
  const runtimes = await Promise.all(names.map(open));
  const results = await Promise.all(
    runtimes.flatMap((runtime) =>
      Array.from({ length: 5 }, async (_, i) => {
        const x = await runtime.upload({
          dtype: 'float32',
          shape: [2],
          data: Float32Array.of(i + 1, -i - 1),
        });
        const { y } = await runtime.compute(double, { x });
        runtime.release([x]);
        return [...y!.data];
      }),
    ),
  );
  for (const [i, values] of results.entries()) expect(values).toEqual([2 * (i % 5) + 2, -2 * (i % 5) - 2]);
});

describe.each<RuntimeName>(['ort-cpu', 'tfjs-cpu'])('results of %s', (name) => {
  test('may be inputs, the same tensor twice, booleans, and share names with inputs', async () => {
    const runtime = await open(name);
    const program: Program = {
      name: 'pass on',
      inputs: { x: { dtype: 'float32', shape: [2] }, c: { dtype: 'int32', shape: [2] } },
      build: ({ x, c }) => ({
        x: x!,
        again: x!,
        c: x!.neg(),
        positive: x!.greater(0),
        count: c!.add(tf.scalar(1, 'int32')),
      }),
    };
    const inputs = await uploadAll(runtime, {
      x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, -2) },
      c: { dtype: 'int32', shape: [2], data: Int32Array.of(2 ** 24 + 1, -1) },
    });
    const results = await runtime.compute(program, inputs);
    expect(Object.fromEntries(Object.entries(results).map(([key, { data }]) => [key, data]))).toEqual({
      x: Float32Array.of(1, -2),
      again: Float32Array.of(1, -2),
      c: Float32Array.of(-1, 2),
      positive: Uint8Array.of(1, 0),
      count: Int32Array.of(2 ** 24 + 2, 0),
    });
    runtime.release(Object.values(inputs));
    expect(runtime.residentBytes).toBe(0);
  });
});
