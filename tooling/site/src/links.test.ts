import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, expect, test } from 'vitest';
import { addressOf, repository } from './addresses.js';
import { figureOn, githubSlug, linkOn } from './links.js';

let root: string;
beforeAll(async () => {
  root = await temporaryDirectory();
  for (const file of [
    'README.md',
    'docs/theory.md',
    'docs/api/core.md',
    'examples/README.md',
    'examples/lora.ts',
    'packages/core/README.md',
    'packages/core/src/a.ts',
  ]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '# A page\n');
  }
});

test.each([
  ['docs/theory.md', '../README.md', '/index.md'],
  ['README.md', 'docs/theory.md#sites', '/theory.md#sites'],
  ['README.md', 'packages/core', '/packages/core.md'],
  ['README.md', 'examples/README.md', '/examples.md'],
  ['examples/README.md', '../docs/theory.md', '/theory.md'],
  ['examples/README.md', 'lora.ts', `${repository}/blob/main/examples/lora.ts`],
  ['packages/core/README.md', `${repository}/blob/main/docs/theory.md#sites`, '/theory.md#sites'],
  ['docs/theory.md', '../packages/core/src/a.ts', `${repository}/blob/main/packages/core/src/a.ts`],
  ['docs/theory.md', 'api/core.md', `${repository}/blob/main/docs/api/core.md`],
  ['README.md', 'docs', `${repository}/tree/main/docs`],
  ['docs/theory.md', '#sites', '#sites'],
  ['docs/theory.md', 'https://arxiv.org/abs/1806.07572', 'https://arxiv.org/abs/1806.07572'],
])('%s links to %s by %s', (page, href, link) => {
  expect(linkOn(root, page, href)).toBe(link);
});

test.each([
  'theorie.md',
  '../packages/core/src/b.ts',
  '../../outside.md',
  `${repository}/blob/main/docs/gone.md`,
])('a link to %s, where there is nothing, is refused', (href) => {
  expect(() => linkOn(root, 'docs/theory.md', href)).toThrow(
    expect.objectContaining({ code: 'DEAD_LINK', message: expect.stringContaining(`links to "${href}"`) }),
  );
});

test('figures of pages of packages are files on the site', () => {
  const web = 'https://raw.githubusercontent.com/ntk-lens/ntk-lens/main';
  expect(figureOn(root, 'packages/core/README.md', `${web}/docs/theory.md`)).toBe('../../docs/theory.md');
  expect(figureOn(root, 'docs/theory.md', 'images/kernel.svg')).toBe('images/kernel.svg');
  expect(() => figureOn(root, 'docs/theory.md', `${web}/docs/images/gone.svg`)).toThrow(
    expect.objectContaining({ code: 'DEAD_LINK' }),
  );
});

test.each([
  ['Johnson–Lindenstrauss', 'johnsonlindenstrauss'],
  ['`predictions.csv`', 'predictionscsv'],
  ['512 shots', '512-shots'],
  ['What is verified', 'what-is-verified'],
])('the anchor of %s is %s, as on GitHub', (heading, anchor) => {
  expect(githubSlug(heading)).toBe(anchor);
});

test('API reports and changelogs are no pages', () => {
  expect(['docs/api/core.md', 'packages/core/CHANGELOG.md', 'SECURITY.md'].map(addressOf)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
