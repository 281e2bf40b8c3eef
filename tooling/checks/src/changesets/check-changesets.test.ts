import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeEach, expect, test } from 'vitest';
import { changesetProblems } from './check-changesets.js';

let root: string;
const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: root, stdio: 'ignore' });
const write = async (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
};
const commit = () => {
  git('add', '-A');
  git('-c', 'user.name=nobody', '-c', 'user.email=nobody@example.org', 'commit', '-qm', 'change');
};

/** A repository with two published packages and one that is private, on a branch off its base branch. */
beforeEach(async () => {
  root = await temporaryDirectory();
  git('init', '-q', '-b', 'trunk');
  await write({
    '.changeset/config.json': '{ "baseBranch": "trunk" }',
    '.changeset/README.md': '# Changesets',
    '.changeset/old.md': `---\n'@x/a': minor\n'@x/b': minor\n---\n\nThey are there.\n`,
    'packages/a/package.json': '{ "name": "@x/a" }',
    'packages/a/src/a.ts': 'export const a = 1;',
    'packages/b/package.json': '{ "name": "@x/b" }',
    'packages/private/package.json': '{ "name": "@x/private", "private": true }',
  });
  commit();
  git('checkout', '-q', '-b', 'branch');
});

test('a branch that changed nothing, or nothing that users see, has no problem', async () => {
  expect(changesetProblems(root)).toEqual([]);
  await write({
    'packages/a/src/a.test.ts': '',
    'packages/private/src/a.ts': '',
    'packages/a/fixtures/a.json': '',
  });
  commit();
  expect(changesetProblems(root)).toEqual([]);
});

test.each([
  ['committed', true],
  ['not committed', false],
])('a package that changed without a changeset is found, %s', async (_, committed) => {
  await write({ 'packages/a/src/a.ts': 'export const a = 2;' });
  if (committed) commit();
  expect(changesetProblems(root)).toEqual([
    expect.stringMatching(/^@x\/a changed since .*packages\/a\/src\/a\.ts/),
  ]);
  await write({ '.changeset/new.md': `---\n"@x/b": patch\n---\n\nAnother one changed.\n` });
  expect(changesetProblems(root)).toHaveLength(1);
  await write({ '.changeset/new.md': `---\n"@x/a": patch\n---\n\nIt is two.\n` });
  expect(changesetProblems(root)).toEqual([]);
});

test('a changeset that was extended tells of the change', async () => {
  await write({
    'packages/b/src/b.ts': 'export const b = 1;',
    '.changeset/old.md': `---\n'@x/a': minor\n'@x/b': minor\n---\n\nThey are there, and b is one.\n`,
  });
  expect(changesetProblems(root)).toEqual([]);
});

test.each([
  ['names no package', '---\n---\n\nSomething.\n', 'names no package.'],
  ['has no front matter', 'Something.\n', 'names no package.'],
  [
    'names an unknown package',
    `---\n'@x/c': minor\n---\n\nC.\n`,
    'names @x/c, which is no published package.',
  ],
  [
    'names a private package',
    `---\n'@x/private': minor\n---\n\nP.\n`,
    'names @x/private, which is no published',
  ],
  ['has no text', `---\n'@x/a': minor\n---\n`, 'does not say what changed.'],
  ['says something else than a bump', `---\n'@x/a': huge\n---\n\nA.\n`, 'says huge of @x/a'],
])('a changeset that %s is found', async (_, text, says) => {
  await write({ '.changeset/new.md': text });
  expect(changesetProblems(root).join('\n')).toContain(`.changeset/new.md ${says}`);
});

test('a clone without the base branch is told to fetch it', async () => {
  git('branch', '-D', 'trunk');
  expect(() => changesetProblems(root)).toThrow(/no branch trunk here/);
  await rm(root, { recursive: true });
});
