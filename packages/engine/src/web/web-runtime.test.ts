import { fileURLToPath } from 'node:url';
import { hasChromium } from '@ntk-lens/testing/chromium';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRuntime } from '../node/create-runtime.js';
import type { PageResult } from '../testing/browser-page.js';
import { openPage } from '../testing/chromium.js';
import { runSample } from '../testing/run-sample.js';

describe.runIf(hasChromium)('in a browser', () => {
  let page: Awaited<ReturnType<typeof openPage>>;
  let native: Awaited<ReturnType<typeof runSample>>;
  beforeAll(async () => {
    page = await openPage(fileURLToPath(new URL('../testing/browser-page.ts', import.meta.url)));
    const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
    native = await runSample(runtime);
    await runtime.close();
  });
  afterAll(() => page?.close());

  test.each([
    ['WebAssembly', 'ort-web', 'ort-web', ['--disable-gpu']],
    ['what is left where there is no device', 'auto', 'ort-web', ['--disable-gpu']],
    // A device that computes in software, so that none is needed.
    [
      'WebGPU',
      'ort-webgpu',
      'ort-webgpu',
      ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader'],
    ],
  ])('a program gives the same numbers on %s as on ort-cpu', async (_, asked, name, graphics) => {
    const result = await page.evaluate<PageResult>(`runInPage('${asked}')`, ...graphics);
    expect(result.info).toMatchObject({ runtime: name, dtype: 'float32', threads: 1 });
    expect(result.info.version).toMatch(/^onnxruntime-web \d+\.\d+/);
    expect(Object.keys(result.sample)).toEqual(Object.keys(native));
    for (const [output, { data }] of Object.entries(native)) {
      for (const [i, value] of [...data].entries()) expect(result.sample[output]![i]).toBeCloseTo(value, 5);
    }
    expect(result.again).toEqual(result.sample);
    expect(result.gram).toEqual([3, 0, 0, 0, 3, -3, 0, -3, 3]);
    expect(result.residentBytes).toBe(0);
    expect(result.afterClose).toBe('RuntimeStoppedError');
  });

  test('where there is no device for WebGPU, the error says what to use', async () => {
    const message = await page.evaluate<string>("refusalInPage('ort-webgpu')", '--disable-gpu');
    expect(message).toMatch(/"ort-webgpu" cannot be used here: .*WebGPU.* Choose ort-web/);
  });

  test('a runtime of Node is refused with the names of those that a browser has', async () => {
    const message = await page.evaluate<string>("refusalInPage('ort-cpu')", '--disable-gpu');
    expect(message).toMatch(
      /"ort-cpu" cannot be used here: a browser has no such runtime. Use auto, ort-webgpu/,
    );
  });
});
