import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBrowser } from '../browser.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ntk-lens-browser-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Makes a package with a browser's and a Node entry; @returns what the check says of it */
const checked = async (files: Readonly<Record<string, string>>, limits = {}) => {
  const entry = { node: './src/node.ts', default: './src/index.ts' };
  const manifest = { name: 'offender', exports: { '.': { '@ntk-lens/source': entry } } };
  const all = { 'package.json': JSON.stringify(manifest), 'src/node.ts': 'import "node:fs";', ...files };
  for (const [name, text] of Object.entries(all)) {
    const file = join(root, 'packages/offender', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return checkBrowser({ root, limits });
};

test('what the Node entry alone imports is nobody else’s business', async () => {
  const { problems, sizes } = await checked({
    'src/index.ts': 'export const one = 1; // a process(1) in words',
  });
  expect(problems).toEqual([]);
  expect(sizes['offender']).toBeLessThan(0.1);
});

test.each([
  ['a module of Node', `export * from 'node:fs';`],
  ['one by its bare name', `import { join } from 'path'; export const here = join('a', 'b');`],
  ['one that is imported when it is needed', `export const read = () => import('node:fs/promises');`],
  ['one whose absence is caught', `export const read = () => import('node:fs').catch(() => undefined);`],
])('%s is found', async (_, text) => {
  const { problems } = await checked({ 'src/deep.ts': text, 'src/index.ts': `export * from './deep.js';` });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^offender does not run in a browser: .*src\/deep\.ts: Could not resolve/);
});

test.each(['process.env', 'Buffer.from("a")', '__dirname[0]'])('%s is found', async (text) => {
  const { problems } = await checked({ 'src/index.ts': `export const value = () => ${text};` });
  expect(problems).toEqual([expect.stringMatching(/src\/index\.ts: \w+, which only Node has$/)]);
});

test('a name that the entry of a browser does not have is found', async () => {
  const { problems } = await checked({ 'src/index.ts': `export { nothing } from './index.js';` });
  expect(problems).toHaveLength(1);
});

test('a main entry above its limit is found', async () => {
  const { problems } = await checked({ 'src/index.ts': 'export const one = 1;' }, { offender: 0.01 });
  expect(problems).toEqual([expect.stringMatching(/offender takes 0\.0 KB .* at most 0\.01 are allowed/)]);
});
