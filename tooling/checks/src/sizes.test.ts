import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustBeWithin, publicPackages } from '../../registry/alone.mjs';
import { filesOfPage, mustFitPage } from '../../registry/pages.mjs';
import { limits, packagesOf } from '../browser.mjs';
import { root } from './root.js';

const forPages = packagesOf(root);

test('every entry for a browser has a bound, and every bound an entry', () => {
  const entries = forPages.flatMap(({ name, entries }) => entries.map(({ entry }) => join(name, entry)));
  expect(Object.keys(limits).sort()).toEqual(entries.sort());
});

test('every package has a bound for its installed size, and for its size in a page', () => {
  for (const { name } of publicPackages(root)) expect(() => mustBeWithin(name, 0)).not.toThrow();
  for (const { name } of forPages) expect(() => mustFitPage(name, { all: 0, wasm: 0 })).not.toThrow();
});

test('a package that takes too much when it is installed, or has no bound, is found', () => {
  expect(() => mustBeWithin('offender', 12, 12)).not.toThrow();
  expect(() => mustBeWithin('offender', 12.1, 12)).toThrow(
    /offender takes 12\.1 MB .* at most 12 are allowed/,
  );
  expect(() => mustBeWithin('offender', 1)).toThrow(/offender takes 1\.0 MB and has no bound/);
});

test.each([
  [{ all: 2.1, wasm: 0 }, 2, /at most 2 are allowed/],
  [{ all: 0.5, wasm: 0.4 }, 0.9, /0\.4 MB are WebAssembly; it computes nothing/],
  [{ all: 0.5, wasm: 0 }, undefined, /has no bound/],
])('a package that makes a page too large is found: %o of %s', (size, most, says) => {
  expect(() => mustFitPage('offender', size, most)).toThrow(says);
});

test('a page can come to load what its chunks import, now or later, and what those refer to', () => {
  const manifest = {
    'pages/a.html': { file: 'a.js', imports: ['_b.js'], dynamicImports: ['c.js'] },
    '_b.js': { file: 'b.js', imports: ['c.js'], assets: ['x.wasm'] },
    'c.js': { file: 'c.js', css: ['c.css'], imports: ['_b.js'] },
    'pages/d.html': { file: 'd.js', assets: ['y.wasm'] },
  };
  expect(filesOfPage(manifest, 'pages/a.html')).toEqual(['a.js', 'b.js', 'x.wasm', 'c.js', 'c.css']);
});
