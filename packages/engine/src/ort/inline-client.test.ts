import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { ProgramFailedError, RuntimeStoppedError } from '../errors.js';
import { createRuntime } from '../node/create-runtime.js';
import { runSample, uploadAll } from '../testing/run-sample.js';
import { sampleInputs, sampleProgram } from '../testing/sample-program.js';
import { InlineClient } from './inline-client.js';
import { OrtRuntime } from './ort-runtime.js';

const open = () =>
  new OrtRuntime(
    { runtime: 'ort-web', version: 'none', dtype: 'float32', threads: 1, reason: 'test' },
    new InlineClient('ort-web', ort, {
      sessionOptions: { executionProviders: ['cpu'], intraOpNumThreads: 1 },
    }),
  );

test('a host on the thread of the caller gives the same bits as one on its own', async () => {
  const [inline, worker] = [open(), await createRuntime({ runtime: 'ort-cpu', threads: 1 })];
  expect(await runSample(inline)).toEqual(await runSample(worker));
  await Promise.all([inline.close(), worker.close()]);
});

test('a download is a copy', async () => {
  const runtime = open();
  const { w } = await uploadAll(runtime, { w: sampleInputs()['w']! });
  const first = await runtime.download(w!);
  const value = first.data[1];
  first.data.fill(0);
  expect((await runtime.download(w!)).data[1]).toBe(value);
  await runtime.close();
});

test('calls after close, and those still waiting, are refused', async () => {
  const runtime = open();
  const inputs = await uploadAll(runtime, sampleInputs());
  const waiting = runtime.run(sampleProgram, inputs).catch((reason: unknown) => reason);
  await runtime.close();
  expect(await waiting).toBeInstanceOf(ProgramFailedError);
  await expect(runtime.upload(sampleInputs()['w']!)).rejects.toBeInstanceOf(RuntimeStoppedError);
});
