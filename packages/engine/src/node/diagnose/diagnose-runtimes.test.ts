import { CancelledError, type ProgressEvent } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { type RuntimeName, runtimeNames } from '../../runtime-names.js';
import { TFJS_NODE_VARIABLE } from '../open/open-tensorflow.js';
import { packageFolder } from '../open/package-info.js';
import { diagnoseRuntimes } from './diagnose-runtimes.js';

test('every runtime is usable with its rate, or says why not and how to get it', async () => {
  const events: ProgressEvent[] = [];
  const { auto, runtimes } = await diagnoseRuntimes({
    threads: 2,
    onProgress: (event) => events.push(event),
  });
  expect(runtimes.map(({ runtime }) => runtime)).toEqual([...runtimeNames]);
  const of = (name: RuntimeName) => runtimes.find(({ runtime }) => runtime === name)!;

  for (const name of ['ort-cpu', 'tfjs-wasm', 'tfjs-cpu'] as const) {
    const found = of(name);
    if (!found.usable) expect.fail(`${name}: ${found.why}`);
    expect(found.version).toMatch(/ \d+\.\d+/);
    expect(found.threads).toBe(name === 'ort-cpu' ? 2 : 1);
    expect(found.gemmGflops).toBeGreaterThan(0);
    expect(found.gemmGflops).toBeLessThan(1e6);
    expect(found.ternaryGramGops === undefined).toBe(name !== 'ort-cpu');
  }
  expect(['ort-cuda', 'ort-webgpu', 'ort-cpu']).toContain(auto.runtime);
  expect(auto.reason).toMatch(auto.runtime === 'ort-cuda' ? /fastest/ : /CUDA/);
  for (const found of runtimes) {
    if (found.usable) continue;
    expect(found.why).toMatch(/\w.*\.$/);
    expect(found.remedy).toMatch(/\w/);
  }
  expect(events.map(({ done }) => done)).toEqual([...runtimeNames.keys(), runtimeNames.length]);
  expect(structuredClone(runtimes)).toEqual(runtimes);
});

const tensorflow = ['tfjs-node-gpu', 'tfjs-node'] as const;
const nothingInstalled =
  process.env[TFJS_NODE_VARIABLE] === undefined &&
  tensorflow.every((name) => packageFolder(`@tensorflow/${name}`) === undefined);

test.runIf(nothingInstalled)(
  'the TensorFlow runtimes, which nothing installs, say which package is missing',
  async () => {
    const { runtimes } = await diagnoseRuntimes({ runtimes: tensorflow });
    expect(runtimes).toEqual(
      tensorflow.map((runtime) => ({
        runtime,
        usable: false,
        why: `@tensorflow/${runtime} is not installed.`,
        remedy: expect.stringMatching(/native-tfjs\.md.*NTK_LENS_TFJS_NODE.*npm install /),
      })),
    );
  },
);

test('without measuring there are no rates', async () => {
  const { runtimes } = await diagnoseRuntimes({ runtimes: ['tfjs-cpu'], measure: false, threads: 1 });
  expect(runtimes).toEqual([
    { runtime: 'tfjs-cpu', usable: true, version: expect.stringMatching(/tfjs/), threads: 1 },
  ]);
});

test('a signal stops between runtimes', async () => {
  const controller = new AbortController();
  const names: (string | undefined)[] = [];
  const work = diagnoseRuntimes({
    runtimes: ['ort-cpu', 'tfjs-wasm', 'tfjs-cpu'],
    signal: controller.signal,
    onProgress: ({ detail }) => {
      names.push(detail);
      controller.abort();
    },
  });
  await expect(work).rejects.toBeInstanceOf(CancelledError);
  expect(names).toEqual(['ort-cpu']);
});
