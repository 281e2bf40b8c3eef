import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../root.js';
import { blocksIn, documents } from './documents.js';

const guides = documents.filter((name) => /^docs\/(contributing\/|how-to\/|versions\.md)/.test(name));

/** Files and folders of the repository that a text names as code. */
const namedIn = (text: string): string[] =>
  [...text.matchAll(/`((?:packages|tooling|docs|platforms)\/[\w@./-]+)`/g)].map(([, path]) => path!);

const read = (name: string): string => readFileSync(join(root, name), 'utf8');

test.each(guides)('%s names files that are there', (name) => {
  expect(namedIn(read(name)).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every page of contributing follows files of the repository', () => {
  const pages = readdirSync(join(root, 'docs/contributing')).map((name) => `docs/contributing/${name}`);
  expect(pages.length).toBeGreaterThan(5);
  for (const page of pages) expect(namedIn(read(page)).length, page).toBeGreaterThan(2);
});

test('tests that a page runs are there', () => {
  const paths = blocksIn('sh').flatMap(({ document, code }) =>
    [...code.matchAll(/vitest run ([^\n]*)/g)].flatMap(([, words]) =>
      words!
        .split(' ')
        .filter((word) => /^(packages|tooling)\//.test(word))
        .map((path) => ({ document, path })),
    ),
  );
  expect(paths.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
  expect(paths.length).toBeGreaterThan(10);
});
