import { gzipSync } from 'node:zlib';
import { tarOf } from '@ntk-lens/testing/tar-of';
import { expect, test } from 'vitest';
import { filesOf, tarballProblems } from '../../registry/tarballs.mjs';

const map = JSON.stringify({ sourcesContent: ['export const one = 1;'] });

/** A tarball that has no fault, before its files are changed. */
const whole: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: '@x/a', dependencies: { '@x/b': '^0.1.0' } }),
  LICENSE: 'MIT',
  'README.md':
    'See [the page](https://example.org/page), [below](#below) and\n\n```ts\na[0](b);\n```\n\nor `a[0](b)`.\n',
  'dist/index.js': 'export const one = 1;\n//# sourceMappingURL=index.js.map\n',
  'dist/index.js.map': map,
  'dist/index.d.ts': 'export const one: 1;\n',
};
const packed = (change: Readonly<Record<string, string | undefined>> = {}): Buffer => {
  const files = Object.entries({ ...whole, ...change }).filter(([, text]) => text !== undefined);
  return gzipSync(tarOf(Object.fromEntries(files.map(([name, text]) => [`package/${name}`, text!]))));
};

test('the files of a tarball are read, and one as it should be has no problem', () => {
  expect([...filesOf(packed()).keys()].sort()).toEqual(Object.keys(whole).sort());
  expect(tarballProblems(packed())).toEqual([]);
});

test.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
  ['without a licence', { LICENSE: undefined }, /no LICENSE/],
  ['without a README', { 'README.md': undefined }, /no README/],
  ['with a relative link', { 'README.md': 'See [theory](../../docs/theory.md).' }, /link \.\.\/\.\.\/docs/],
  ['with a relative image', { 'README.md': '<img src="a.svg">' }, /link a\.svg/],
  ['with a relative reference', { 'README.md': 'See [it].\n\n[it]: docs/it.md\n' }, /link docs\/it\.md/],
  [
    'with sources beside their maps',
    { 'src/index.ts': 'export const one = 1;' },
    /src\/index\.ts is a source/,
  ],
  ['with a test', { 'dist/a.test.js': '' }, /a\.test\.js is for tests/],
  ['with fixtures', { 'fixtures/a.json': '{}' }, /fixtures\/a\.json is for tests/],
  ['with a map of no file', { 'dist/old.js.map': map }, /old\.js\.map is a source map of no file/],
  ['with a map that no file names', { 'dist/index.js': 'export const one = 1;' }, /map of no file/],
  ['with a map without sources', { 'dist/index.js.map': '{"sources":["../src/a.ts"]}' }, /without sources/],
  [
    'with a dependency of the workspace',
    { 'package.json': JSON.stringify({ name: '@x/a', dependencies: { '@x/b': 'workspace:^' } }) },
    /@x\/b as workspace:\^/,
  ],
  ['without a name', { 'package.json': '{}' }, /no package\.json that has a name/],
])('a tarball %s is found', (_, change, says) => {
  expect(tarballProblems(packed(change))).toEqual([expect.stringMatching(says)]);
});
