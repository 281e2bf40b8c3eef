import { expect, test } from 'vitest';
import { RuntimeUnavailableError } from '../errors.js';
import type { Runtime } from '../runtime.js';
import { type AutoRuntimeName, autoOrder, chooseRuntime, type RuntimeProbes } from './choose-runtime.js';

/** A machine on which some runtimes open, with the rates that they reach. */
const machine = (rates: Partial<Record<AutoRuntimeName, number>>, noGraphics?: string) => {
  const open = new Set<string>();
  const probes: RuntimeProbes = {
    open: async (runtime, reason) => {
      if (rates[runtime] === undefined)
        throw new RuntimeUnavailableError(runtime, `no ${runtime}.`, 'Get it.');
      open.add(runtime);
      const info = { runtime, version: '1', dtype: 'float32', threads: 2, reason } as const;
      return { info, close: async () => void open.delete(runtime) } as unknown as Runtime;
    },
    whyNoGraphics: () => noGraphics,
    rate: async ({ info }) => rates[info.runtime as AutoRuntimeName]!,
  };
  return { probes, open };
};

const cases: readonly [
  string,
  Partial<Record<AutoRuntimeName, number>>,
  string | undefined,
  string,
  string,
][] = [
  [
    'CUDA first',
    { 'ort-cuda': 9000, 'ort-webgpu': 900, 'ort-cpu': 90 },
    undefined,
    'ort-cuda',
    'the fastest kind there is',
  ],
  ['a fast WebGPU device', { 'ort-webgpu': 900, 'ort-cpu': 90 }, undefined, 'ort-webgpu', 'no ort-cuda'],
  [
    'WebGPU that computes on the CPU is passed over',
    { 'ort-webgpu': 4, 'ort-cpu': 90 },
    undefined,
    'ort-cpu',
    'no ort-cuda; the WebGPU adapter is slower than the CPU (4 against 90 GFLOP/s)',
  ],
  [
    'WebGPU is not even tried without a device',
    { 'ort-webgpu': 900, 'ort-cpu': 90 },
    'no device',
    'ort-cpu',
    'no ort-cuda; no device',
  ],
  ['WebGPU where the CPU library fails', { 'ort-webgpu': 900 }, undefined, 'ort-webgpu', 'no ort-cuda'],
  [
    'WebAssembly without native libraries',
    { 'tfjs-wasm': 10 },
    undefined,
    'tfjs-wasm',
    'no ort-cuda; no ort-webgpu; no ort-cpu. Get it.',
  ],
  [
    'plain JavaScript last',
    { 'tfjs-cpu': 1 },
    'no device',
    'tfjs-cpu',
    'no ort-cuda; no device; no ort-cpu; no tfjs-wasm. Get it.',
  ],
];

test.each(cases)('%s', async (_, rates, noGraphics, chosen, reason) => {
  const { probes, open } = machine(rates, noGraphics);
  const runtime = await chooseRuntime(probes);
  expect(runtime.info).toMatchObject({ runtime: chosen, reason });
  expect([...open]).toEqual([chosen]);
});

test('a WebGPU device that fails while it computes is closed and passed over', async () => {
  const { probes, open } = machine({ 'ort-webgpu': 900, 'ort-cpu': 90 });
  const rate = async (runtime: Runtime) => {
    if (runtime.info.runtime === 'ort-webgpu') throw new Error('device lost');
    return 90;
  };
  const runtime = await chooseRuntime({ ...probes, rate });
  expect(runtime.info.reason).toBe('no ort-cuda; the WebGPU adapter failed (device lost)');
  expect([...open]).toEqual(['ort-cpu']);
});

test('where nothing works, the last cause is the error; other errors are not swallowed', async () => {
  await expect(chooseRuntime(machine({}).probes)).rejects.toThrow(/"tfjs-cpu" cannot be used/);
  const open = async () => {
    throw new TypeError('a bug');
  };
  await expect(chooseRuntime({ ...machine({}).probes, open })).rejects.toThrow(TypeError);
  expect(autoOrder).toEqual(['ort-cuda', 'ort-webgpu', 'ort-cpu', 'tfjs-wasm', 'tfjs-cpu']);
});
