import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, test } from 'vitest';
import { manifestProblems } from './manifests.js';
import { root } from './root.js';

test('every published package has its addresses, keywords, licence, and a README with absolute links', () => {
  expect(manifestProblems(root)).toEqual([]);
});

type Manifest = Record<string, unknown>;

/** A repository with one of our packages, whose manifest and README were changed. */
const changed = async (
  manifest: (m: Manifest) => Manifest,
  readme: (text: string) => string = (text) => text,
) => {
  const home = await temporaryDirectory();
  const folder = join(home, 'packages/core');
  await mkdir(folder, { recursive: true });
  await cp(join(root, 'LICENSE'), join(home, 'LICENSE'));
  const read = (name: string) => readFile(join(root, 'packages/core', name), 'utf8');
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify(manifest(JSON.parse(await read('package.json')))),
  );
  await writeFile(join(folder, 'README.md'), readme(await read('README.md')));
  return home;
};
const same = (manifest: Manifest): Manifest => manifest;

test.each<[string, (m: Manifest) => Manifest, RegExp]>([
  ['no repository', ({ repository: _, ...rest }) => rest, /repository\.url is undefined/],
  ['no homepage', ({ homepage: _, ...rest }) => rest, /homepage is undefined/],
  ['no address for bugs', ({ bugs: _, ...rest }) => rest, /bugs\.url is undefined/],
  [
    'the folder of another package',
    (m) => ({ ...m, repository: { url: 'x', directory: 'packages/x' } }),
    /directory is/,
  ],
  ['two keywords', (m) => ({ ...m, keywords: ['a', 'b'] }), /fewer than three keywords/],
  ['a licence that is not there', (m) => ({ ...m, license: 'Apache-2.0' }), /no LICENSE of Apache-2\.0/],
  ['sources in its tarball', (m) => ({ ...m, files: ['dist', 'src'] }), /sources are packed/],
])('a package with %s is found', async (_, manifest, says) => {
  expect(manifestProblems(await changed(same))).toEqual([]);
  expect(manifestProblems(await changed(manifest)).join('\n')).toMatch(says);
});

test('a package with another version than the others is found', async () => {
  const home = await changed((m) => ({ ...m, version: '0.1.0' }));
  await cp(join(home, 'packages/core'), join(home, 'packages/engine'), { recursive: true });
  const file = join(home, 'packages/engine/package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...manifest, version: '0.1.1' }));
  expect(manifestProblems(home)).toContain('packages/engine: version is 0.1.1, expected 0.1.0.');
});

test.each(['[theory](../../docs/theory.md)', '![a](a.svg)'])('the link %s is found', async (link) => {
  const found = manifestProblems(
    await changed(same, (text) => `${text}\n${link}\n\n\`\`\`ts\na[0](b)\n\`\`\`\n`),
  );
  expect(found).toEqual([expect.stringMatching(/README\.md: the link .* is relative/)]);
});

test('a package without a README, and a repository without a licence, are found', async () => {
  const home = await changed(same);
  await rm(join(home, 'packages/core/README.md'));
  await rm(join(home, 'LICENSE'));
  expect(manifestProblems(home)).toHaveLength(2);
});
