import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRuntime } from '../node/create-runtime.js';
import type { PageResult } from '../testing/browser-page.js';
import { runSample } from '../testing/run-sample.js';
import { servePage } from '../testing/serve-page.js';

const browser = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const page = fileURLToPath(new URL('../testing/browser-page.ts', import.meta.url));

const bundle = () =>
  build({
    entryPoints: [page],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['@ntk-lens/source'],
    write: false,
    metafile: true,
    outdir: dirname(page),
  });

test('the entry of browsers reaches no module of Node', async () => {
  const { metafile } = await bundle();
  // A bundle for browsers fails on a module of Node unless something declares it external.
  const external = Object.values(metafile.inputs)
    .flatMap((input) => input.imports)
    .filter((reference) => reference.external && reference.path !== '<runtime>');
  expect(external).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => path.includes('onnxruntime-node'))).toEqual([]);
});

const present = existsSync(browser);
if (!present) console.warn(`No Chromium at ${browser} (set CHROMIUM_PATH): the browser test is skipped.`);

const wasmFile = async (name: string) => ({
  type: 'application/wasm',
  body: await readFile(join(dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm')), name)),
});

describe.runIf(present)('in a browser', () => {
  let served: Awaited<ReturnType<typeof servePage>>;
  let native: Awaited<ReturnType<typeof runSample>>;
  beforeAll(async () => {
    const { outputFiles } = await bundle();
    const [wasm, webgpu] = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm'];
    served = await servePage({
      '/': { type: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' },
      '/page.js': { type: 'text/javascript', body: outputFiles[0]!.contents },
      [`/${wasm}`]: await wasmFile(wasm!),
      [`/${webgpu}`]: await wasmFile(webgpu!),
    });
    const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
    native = await runSample(runtime);
    await runtime.close();
  });
  afterAll(() => served?.close());

  const evaluate = async <T>(expression: string, ...graphics: readonly string[]): Promise<T> => {
    const chrome = await chromium.launch({
      executablePath: browser,
      headless: true,
      args: [
        ...['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-sync', ...graphics],
        ...['--disable-background-networking', '--disable-component-update'],
      ],
    });
    try {
      const tab = await chrome.newPage();
      const problems: string[] = [];
      tab.on('pageerror', (error) => problems.push(error.message));
      await tab.goto(served.url);
      await tab.waitForFunction('globalThis.runInPage');
      const result = await tab.evaluate<T>(expression);
      expect(problems).toEqual([]);
      return result;
    } finally {
      await chrome.close();
    }
  };

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
    const result = await evaluate<PageResult>(`runInPage('${asked}')`, ...graphics);
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
    const message = await evaluate<string>('refusalInPage()', '--disable-gpu');
    expect(message).toMatch(/"ort-webgpu" cannot be used here: .*WebGPU.* Choose ort-web/);
  });
});
