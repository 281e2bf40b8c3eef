import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Browser, launchChromium } from '@ntk-lens/testing/chromium';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { type PageFiles, servePage } from './serve-page.js';

const wasmFile = async (name: string) => ({
  type: 'application/wasm',
  body: await readFile(join(dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm')), name)),
});

/**
 * Bundles a script from the sources and serves it as a page, with the WebAssembly files of onnxruntime-web.
 *
 * @param script path of the page's script; it sets `globalThis.ready` when it has started
 */
export const openPage = async (script: string, files: PageFiles = {}) => {
  const { outputFiles } = await build({
    entryPoints: [script],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['@ntk-lens/source'],
    write: false,
    outdir: dirname(script),
  });
  const [wasm, webgpu] = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm'] as const;
  const served = await servePage({
    '/': { type: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' },
    '/page.js': { type: 'text/javascript', body: outputFiles[0]!.contents },
    [`/${wasm}`]: await wasmFile(wasm),
    [`/${webgpu}`]: await wasmFile(webgpu),
    ...files,
  });
  // Starting a browser takes longer than most of what is evaluated there: one for each set of flags.
  const browsers = new Map<string, Promise<Browser>>();
  const browserWith = (graphics: readonly string[]): Promise<Browser> => {
    const flags = graphics.join(' ');
    const started = browsers.get(flags) ?? launchChromium(...graphics);
    browsers.set(flags, started);
    return started;
  };
  return {
    /** Evaluates an expression in a fresh page, which must not report an error. */
    evaluate: async <T>(expression: string, ...graphics: readonly string[]): Promise<T> => {
      const context = await (await browserWith(graphics)).newContext();
      try {
        const tab = await context.newPage();
        const problems: string[] = [];
        tab.on('pageerror', (error) => problems.push(error.message));
        await tab.goto(served.url);
        await tab.waitForFunction('globalThis.ready');
        const result = await tab.evaluate<T>(expression);
        expect(problems).toEqual([]);
        return result;
      } finally {
        await context.close();
      }
    },
    close: async () => {
      for (const browser of await Promise.all(browsers.values())) await browser.close();
      await served.close();
    },
  };
};
