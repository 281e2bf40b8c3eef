import * as tf from '@ntk-lens/tfjs';
import { expect, test } from 'vitest';
import { ProgramFailedError, RuntimeStoppedError } from '../../errors.js';
import { OrtRuntime } from '../../ort/ort-runtime.js';
import type { Program } from '../../program.js';
import { sampleInputs } from '../../testing/sample-program.js';
import { findOnnxRuntime } from '../open/find-onnxruntime.js';
import { WorkerClient, type WorkerOptions } from './worker-client.js';

const options: WorkerOptions = {
  runtime: 'ort-cpu',
  library: findOnnxRuntime()!.folder,
  executionProvider: 'cpu',
  threads: 1,
};
const script = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
/** Ends at the first request, as a thread does whose native library calls exit(). */
const dying = script(
  `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(7));`,
);
const info = { runtime: 'ort-cpu', version: 'none', dtype: 'float32', threads: 1, reason: 'test' } as const;

test('the death of the thread is reported to the call that waits and to those that follow', async () => {
  const runtime = new OrtRuntime(info, new WorkerClient(options, dying));
  const { w } = sampleInputs();
  const first = await runtime.upload(w!).catch((reason: unknown) => reason);
  expect(first).toBeInstanceOf(RuntimeStoppedError);
  expect((first as Error).message).toMatch(/ort-cpu is gone: its thread ended with exit code 7/);
  expect(runtime.residentBytes).toBe(0);
  await expect(runtime.upload(sampleInputs()['w']!)).rejects.toBe(first);
  await runtime.close();
});

test('a thread that cannot start is reported with its error', async () => {
  const client = new WorkerClient(options, script(`throw new Error('no library');`));
  await expect(client.call('download', [0])).rejects.toThrow(/its thread failed: no library/);
  await client.close();
});

test('a program that dies with the thread is named', async () => {
  const runtime = new OrtRuntime(info, new WorkerClient(options, dying));
  const program: Program = { name: 'without inputs', inputs: {}, build: () => ({ y: tf.scalar(1) }) };
  const failure = await runtime.run(program, {}).catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(ProgramFailedError);
  expect((failure as Error).message).toMatch(/Program "without inputs" failed on ort-cpu/);
  expect((failure as Error).cause).toBeInstanceOf(RuntimeStoppedError);
  await runtime.close();
});

test('closing while programs run drops those that wait, and the process lives on', async () => {
  const n = 1024;
  const long: Program = {
    name: 'long',
    inputs: { x: { dtype: 'float32', shape: [n, n] } },
    build: ({ x }) => ({ y: Array.from({ length: 8 }).reduce<tf.Tensor>((y) => tf.matMul(y, x!), x!) }),
  };
  for (const milliseconds of [0, 50, 150]) {
    const runtime = new OrtRuntime(info, new WorkerClient(options));
    const x = await runtime.upload({ dtype: 'float32', shape: [n, n], data: new Float32Array(n * n) });
    const runs = Array.from({ length: 20 }, () => runtime.run(long, { x }).then(() => 'done', String));
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await runtime.close();
    expect((await Promise.all(runs)).at(-1)).toMatch(/it was closed/);
  }
});
