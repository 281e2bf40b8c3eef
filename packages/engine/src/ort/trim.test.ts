import * as ort from 'onnxruntime-node';
import { afterEach, expect, test } from 'vitest';
import { RuntimeStoppedError } from '../errors.js';
import type { Program } from '../program.js';
import { uploadAll } from '../testing/run-sample.js';
import { sampleInputs, sampleProgram } from '../testing/sample-program.js';
import { InlineClient } from './inline-client.js';
import { OrtRuntime } from './ort-runtime.js';

/** A runtime in a process that holds these bytes, one figure after another. */
const open = (held: number[]) => {
  const calls: string[] = [];
  const client = new InlineClient('ort-cpu', ort, {
    sessionOptions: { executionProviders: ['cpu'], intraOpNumThreads: 1 },
  });
  const recorded = Object.assign(Object.create(client), {
    call: (...[method, args]: Parameters<InlineClient['call']>) => {
      calls.push(method);
      return client.call(method, args);
    },
    post: (...[method, args]: Parameters<InlineClient['post']>) => {
      calls.push(method);
      client.post(method, args);
    },
    close: () => client.close(),
  });
  runtime = new OrtRuntime(
    { runtime: 'ort-web', version: 'none', dtype: 'float32', threads: 1, reason: 'test' },
    recorded,
    undefined,
    { held: () => held.shift() ?? Number.NaN, giveBack: () => calls.push('give back') },
  );
  return { runtime, calls };
};
let runtime: OrtRuntime;
afterEach(() => runtime.close());

const other: Program = { ...sampleProgram, name: 'other' };

test('a process that holds no more than it may is left alone', async () => {
  const { runtime, calls } = open([100]);
  await runtime.trim(100);
  expect(calls).toEqual([]);
});

test('free memory is given back, and programs stay where that suffices', async () => {
  const { runtime, calls } = open([101, 100]);
  const inputs = await uploadAll(runtime, sampleInputs());
  await runtime.run(sampleProgram, inputs);
  calls.length = 0;
  await runtime.trim(100);
  expect(calls).toEqual(['release', 'give back']);
});

test('programs that were not used since the last time are forgotten, and compiled again when they are wanted', async () => {
  const { runtime, calls } = open([200, 200, 200, 200]);
  const inputs = await uploadAll(runtime, sampleInputs());
  const first = await runtime.compute(sampleProgram, inputs);
  await runtime.compute(other, inputs);
  calls.length = 0;
  await runtime.trim(100);
  // Both were used since the runtime was opened.
  expect(calls).toEqual(['release', 'give back', 'release', 'give back']);
  await runtime.compute(other, inputs);
  calls.length = 0;
  await runtime.trim(100);
  expect(calls).toEqual(['release', 'give back', 'forget', 'release', 'give back']);
  calls.length = 0;
  await runtime.compute(other, inputs);
  expect(calls).toEqual(['compute']);
  expect(await runtime.compute(sampleProgram, inputs)).toEqual(first);
  expect(calls).toEqual(['compute', 'compile', 'compute']);
});

test('a closed runtime is not trimmed', async () => {
  const { runtime } = open([200]);
  await runtime.close();
  await expect(runtime.trim(100)).rejects.toBeInstanceOf(RuntimeStoppedError);
});
