import { ndarray } from '@ntk-lens/core';
import { type AnyRuntimeName, createRuntime, type Program, ternary, ternaryGram } from '../index.js';
import { runSample } from './run-sample.js';

const signGram: Program = {
  name: 'Gram of signs',
  inputs: { x: { dtype: 'float32', shape: [3, 4] } },
  build: ({ x }) => {
    const signs = ternary(x!);
    return { gram: ternaryGram(signs, signs) };
  },
};

/** The function that the browser test calls in the page; typed arrays come back as arrays of numbers. */
const runInPage = async (name: 'ort-web' | 'ort-webgpu' | 'auto') => {
  const build = name === 'ort-webgpu' ? 'asyncify.wasm' : 'wasm';
  const runtime = await createRuntime({
    runtime: name,
    wasmPaths: { wasm: `/ort-wasm-simd-threaded.${build}` },
  });
  const sample = await runSample(runtime);
  const again = await runSample(runtime);
  const x = await runtime.upload(
    ndarray<'float32'>(Float32Array.of(1, -1, 0, 2, 1e-20, 3, -4, 0, -5, -6, 1e20, 0), [3, 4]),
  );
  const { gram } = await runtime.compute(signGram, { x });
  runtime.release([x]);
  const residentBytes = runtime.residentBytes;
  await runtime.close();
  const afterClose = await runtime.download(x).catch((error: Error) => error.name);
  const numbers = (arrays: typeof sample) =>
    Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, [...data]]));
  return {
    info: runtime.info,
    sample: numbers(sample),
    again: numbers(again),
    gram: [...gram!.data],
    residentBytes,
    afterClose,
  };
};

export type PageResult = Awaited<ReturnType<typeof runInPage>>;

/** The error of asking for a runtime that is not there. */
const refusalInPage = (runtime: AnyRuntimeName) =>
  createRuntime({ runtime }).then(String, (error: Error) => error.message);

Object.assign(globalThis, { runInPage, refusalInPage, ready: true });
