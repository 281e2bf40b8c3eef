// Bundles packages for pages, as their users do, and opens the pages in headless Chromium.
import { existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { run } from './run.mjs';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether there is a browser that opens pages. */
export const hasChromium = existsSync(executablePath);

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves the files of a folder on loopback. */
const serveFolder = async (folder) => {
  const server = createServer(async ({ url }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    try {
      const body = await readFile(join(folder, path));
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
};

/**
 * Bundles the modules of pages with esbuild.
 *
 * @returns the folder that holds the pages
 */
export const bundleWithEsbuild = async (cwd, pages, { env, esbuild }) => {
  const entries = pages.map(({ id }) => `pages/${id}.js`);
  const flags = ['--bundle', '--splitting', '--format=esm', '--platform=browser', '--minify'];
  await run(esbuild, [...entries, ...flags, '--outdir=esbuild', '--log-level=warning'], { cwd, env });
  for (const { id } of pages)
    await writeFile(join(cwd, 'esbuild', `${id}.html`), await readFile(join(cwd, 'pages', `${id}.html`)));
  return join(cwd, 'esbuild');
};

/** The same with Vite, which takes the pages themselves. */
export const bundleWithVite = async (cwd, pages, { env }) => {
  const input = pages.map(({ id }) => `pages/${id}.html`);
  const build = { outDir: 'vite', target: 'esnext', manifest: true, rollupOptions: { input } };
  const config = { logLevel: 'warn', build };
  await writeFile(join(cwd, 'vite.config.mjs'), `export default ${JSON.stringify(config)};\n`);
  await run('npx', ['vite', 'build'], { cwd, env });
  return join(cwd, 'vite', 'pages');
};

/**
 * Most MB that Vite may make of a package, WebAssembly among it: all that a page can come to load. Packages that compute bring
 * two variants of ONNX Runtime in WebAssembly, 41 MB, of which a page loads the one that it uses. Others bring none.
 */
const mostMegabytes = {
  '@ntk-lens/checkpoints': 0.1,
  '@ntk-lens/core': 0.05,
  '@ntk-lens/engine': 45,
  '@ntk-lens/kernels': 45,
  '@ntk-lens/lens': 46,
  '@ntk-lens/minilm-mlm': 0.01,
  '@ntk-lens/models': 45,
  '@ntk-lens/prompts': 0.08,
  '@ntk-lens/report': 0.15,
  '@ntk-lens/solvers': 0.2,
  '@ntk-lens/subspace': 45,
  '@ntk-lens/tasks': 0.35,
  '@ntk-lens/tensor-programs': 45,
  '@ntk-lens/tfjs': 0.5,
  '@ntk-lens/tokenizers': 0.12,
};

/**
 * All files that a page can come to load, by the manifest that Vite writes.
 *
 * @param {Readonly<Record<string, { file: string, assets?: string[], css?: string[], imports?: string[], dynamicImports?: string[] }>>} manifest
 * @param {string} page its key
 * @returns {readonly string[]}
 */
export const filesOfPage = (manifest, page) => {
  const files = new Set();
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const { file, assets = [], css = [], imports = [], dynamicImports = [] } = manifest[key];
    for (const one of [file, ...assets, ...css]) files.add(one);
    for (const one of [...imports, ...dynamicImports]) visit(one);
  };
  visit(page);
  return [...files];
};

/**
 * Compares the size of a package in a page with its bound.
 *
 * @param {string} name
 * @param {{ all: number, wasm: number }} megabytes of all files, and of WebAssembly among them
 * @throws Error above the bound, and without one; for WebAssembly where the bound is below a MB
 */
export const mustFitPage = (name, { all, wasm }, most = mostMegabytes[name]) => {
  const takes = `${name} takes ${all.toFixed(2)} MB in a page, of which ${wasm.toFixed(1)} MB are WebAssembly`;
  if (most === undefined) throw new Error(`${takes}, and has no bound; give it one in pages.mjs.`);
  if (all > most) throw new Error(`${takes}; at most ${most} are allowed.`);
  if (most < 1 && wasm > 0) throw new Error(`${takes}; it computes nothing and needs none.`);
};

/** Sizes of the pages that Vite made, each held to its bound. */
export const sizesOfPages = async (cwd, pages) => {
  const folder = join(cwd, 'vite');
  const manifest = JSON.parse(await readFile(join(folder, '.vite', 'manifest.json'), 'utf8'));
  const sizes = [];
  for (const { id, name } of pages) {
    const files = filesOfPage(manifest, `pages/${id}.html`);
    const megabytes = (some) => some.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) / 1e6;
    const size = { all: megabytes(files), wasm: megabytes(files.filter((file) => file.endsWith('.wasm'))) };
    mustFitPage(name, size);
    sizes.push(`${name} ${size.all.toFixed(2)}`);
  }
  return `${sizes.join(', ')} MB`;
};

/**
 * Opens pages one after the other.
 *
 * @param {string} root folder that is served
 * @param {readonly { path: string, name: string }[]} pages the title of each becomes its name
 * @throws Error with what a page said, where its title stays another
 */
export const openPages = async (root, pages) => {
  const require = createRequire(new URL('../testing/package.json', import.meta.url));
  const { chromium } = require('playwright-core');
  const server = await serveFolder(root);
  const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const said = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    for (const { path, name } of pages) {
      said.length = 0;
      await page.goto(`${server.address}${path}`);
      await page
        .waitForFunction((title) => document.title === title, name, { timeout: 20_000 })
        .catch(() => {
          throw new Error(
            `The page of ${name} (${path}) did not load it: ${said.join('\n') || 'no message'}`,
          );
        });
    }
  } finally {
    await browser.close();
    server.stop();
  }
};
