import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { createRuntime } from '../create-runtime.js';
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

test('the web entry reaches no module of Node', async () => {
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

test.runIf(present)('a program gives the same numbers in a browser as on ort-cpu', async () => {
  const [{ outputFiles }, wasm] = await Promise.all([
    bundle(),
    readFile(
      join(
        dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm')),
        'ort-wasm-simd-threaded.wasm',
      ),
    ),
  ]);
  const served = await servePage({
    '/': { type: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' },
    '/page.js': { type: 'text/javascript', body: outputFiles[0]!.contents },
    '/ort-wasm-simd-threaded.wasm': { type: 'application/wasm', body: wasm },
  });
  const chrome = await chromium.launch({
    executablePath: browser,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  try {
    const tab = await chrome.newPage();
    const problems: string[] = [];
    tab.on('pageerror', (error) => problems.push(error.message));
    await tab.goto(served.url);
    await tab.waitForFunction('globalThis.runInPage');
    const result = await tab.evaluate<PageResult>('runInPage()');

    expect(problems).toEqual([]);
    expect(result.info).toMatchObject({ runtime: 'ort-web', dtype: 'float32', threads: 1 });
    expect(result.info.version).toMatch(/^onnxruntime-web \d+\.\d+/);
    const native = await runSample(runtime);
    expect(Object.keys(result.sample)).toEqual(Object.keys(native));
    for (const [name, { data }] of Object.entries(native)) {
      for (const [i, value] of [...data].entries()) expect(result.sample[name]![i]).toBeCloseTo(value, 5);
    }
    expect(result.again).toEqual(result.sample);
    expect(result.gram).toEqual([3, 0, 0, 0, 3, -3, 0, -3, 3]);
    expect(result.residentBytes).toBe(0);
    expect(result.afterClose).toBe('RuntimeStoppedError');
  } finally {
    await Promise.all([chrome.close(), served.close(), runtime.close()]);
  }
});
