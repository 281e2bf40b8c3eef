import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProgram } from '../../onnx/compile-program.js';
import { ternary, ternaryGram } from '../../operations/signs.js';
import type { Program } from '../../program.js';
import type { Runtime } from '../../runtime.js';
import { expectSameSample } from '../../testing/expect-sample.js';
import { runSample } from '../../testing/run-sample.js';
import { sampleProgram } from '../../testing/sample-program.js';
import { createRuntime } from '../create-runtime.js';

const gramOfSigns: Program = {
  name: 'Gram of signs',
  inputs: { x: { dtype: 'float32', shape: [2, 3] } },
  build: ({ x }) => ({ gram: ternaryGram(ternary(x!), ternary(x!)) }),
};

// WebGPU needs a Vulkan driver; CONTRIBUTING.md says how to have one without a graphics processor.
describe.runIf(process.env['NTK_LENS_TEST_RUNTIME'] === 'ort-webgpu')('on WebGPU', () => {
  let webgpu: Runtime | undefined;
  beforeAll(async () => {
    webgpu = await createRuntime({ runtime: 'ort-webgpu' });
  });
  afterAll(() => webgpu?.close());

  test('a function and its gradients are the numbers of the CPU', async () => {
    const cpu = await createRuntime({ runtime: 'ort-cpu', threads: 2 });
    const [found, expected] = [await runSample(webgpu!), await runSample(cpu)];
    await cpu.close();
    expectSameSample(found, expected);
  });

  test('no operation of them is left to the CPU, nor are products of signs, unless they are of bytes', async () => {
    const onlyOnDevice = (program: Program, integers: boolean) =>
      ort.InferenceSession.create(compileProgram(program, { integers }).model, {
        executionProviders: ['webgpu'],
        extra: { session: { disable_cpu_ep_fallback: '1' } },
        logSeverityLevel: 4,
      });
    await (await onlyOnDevice(sampleProgram, false)).release();
    await (await onlyOnDevice(gramOfSigns, false)).release();
    await expect(onlyOnDevice(gramOfSigns, true)).rejects.toThrow('fallback to CPU EP');
  });
});
