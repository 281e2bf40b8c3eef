// Bundles packages for pages, as their users do, and opens the pages in headless Chromium.
import { existsSync } from 'node:fs';
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
  const config = { logLevel: 'warn', build: { outDir: 'vite', target: 'esnext', rollupOptions: { input } } };
  await writeFile(join(cwd, 'vite.config.mjs'), `export default ${JSON.stringify(config)};\n`);
  await run('npx', ['vite', 'build'], { cwd, env });
  return join(cwd, 'vite', 'pages');
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
