import { ndarray } from '@ntk-lens/core';
import {
  createWebGpuRuntime,
  createWebRuntime,
  type Program,
  TERNARY_SCALE,
  ternary,
  ternaryGram,
  tf,
} from '../web.js';
import { runSample } from './run-sample.js';

const signGram: Program = {
  name: 'Gram of signs',
  inputs: { x: { dtype: 'float32', shape: [3, 4] } },
  build: ({ x }) => {
    const signs = ternary(tf.mul(x!, TERNARY_SCALE));
    return { gram: ternaryGram(signs, signs) };
  },
};

/** What the browser test calls in the page; typed arrays come back as arrays of numbers. */
const runInPage = async (device: 'wasm' | 'webgpu') => {
  const runtime =
    device === 'wasm'
      ? await createWebRuntime({ wasmPaths: { wasm: '/ort-wasm-simd-threaded.wasm' } })
      : await createWebGpuRuntime({ wasmPaths: { wasm: '/ort-wasm-simd-threaded.asyncify.wasm' } });
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

/** The error of asking for WebGPU where there is none. */
const refusalInPage = () => createWebGpuRuntime().then(String, (error: Error) => error.message);

Object.assign(globalThis, { runInPage, refusalInPage });
