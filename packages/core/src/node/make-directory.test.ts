import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileSystemError } from './file-system-error.js';
import { checkWritable, makeDirectory } from './make-directory.js';

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'ntk-lens-core-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
};

test('directories are made with those above them, also by several at a time', async () => {
  const root = await folder();
  const deep = join(root, 'a/b/c');
  await checkWritable(deep);
  expect(await readdir(root)).toEqual([]);
  await Promise.all([makeDirectory(deep), makeDirectory(deep), makeDirectory(join(root, 'a/b/d'))]);
  await makeDirectory(deep);
  expect((await readdir(join(root, 'a/b'))).sort()).toEqual(['c', 'd']);
  await checkWritable(deep);
  expect(await readdir(deep)).toEqual([]);
});

test('what cannot be a directory is refused with its path', async () => {
  const root = await folder();
  await writeFile(join(root, 'file'), '');
  await symlink('circle', join(root, 'circle'));
  for (const work of [makeDirectory, checkWritable]) {
    await expect(work(join(root, 'file/below'))).rejects.toThrow(FileSystemError);
    await expect(work(join(root, 'file/below'))).rejects.toThrow(/file\/below: .*ENOTDIR/);
    await expect(work(join(root, 'file'))).rejects.toThrow(/file: .*ENOTDIR/);
    await expect(work(join(root, 'circle/x'))).rejects.toThrow(/ELOOP/);
    await expect(work(join(root, 'x'.repeat(300)))).rejects.toThrow(/ENAMETOOLONG/);
    await expect(work(join(root, 'a\0b'))).rejects.toThrow(/a\\0b: the path holds a null byte/);
  }
});

// Node's own recursive mkdir does not end there.
test.runIf(process.platform === 'linux')('a folder of the system where nothing can be made', async () => {
  await expect(makeDirectory('/proc/ntk-lens/x')).rejects.toThrow(/\/proc\/ntk-lens: /);
  await expect(checkWritable('/proc/ntk-lens/x')).rejects.toThrow(/\/proc\/ntk-lens\/x: /);
});
