import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnfinished, removeUnfinished, writeWhole } from './write-whole.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-core-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writeWhole', () => {
  it('writes text, bytes and pieces, in the place of what was there', async () => {
    const file = join(folder, 'new', 'file');
    await writeWhole(file, 'λ');
    expect(await readFile(file, 'utf8')).toBe('λ');
    await writeWhole(file, Uint8Array.of(1, 2));
    expect([...(await readFile(file))]).toEqual([1, 2]);
    await writeWhole(file, async (append) => {
      await append(Uint8Array.of(3));
      await append(new Uint8Array(0));
      await append(Uint8Array.of(4, 5));
    });
    expect([...(await readFile(file))]).toEqual([3, 4, 5]);
    expect(await readdir(join(folder, 'new'))).toEqual(['file']);
  });

  it('until all is written the old file stays; what fails leaves it, and nothing else', async () => {
    const file = join(folder, 'file');
    await writeWhole(file, 'old');
    const failure = new Error('no more numbers');
    const written = writeWhole(file, async (append) => {
      await append(new Uint8Array(100));
      expect(await readFile(file, 'utf8')).toBe('old');
      throw failure;
    });
    await expect(written).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(file, 'utf8')).toBe('old');
  });

  it.runIf(process.platform !== 'win32')('a device stays what it is, also behind a link', async () => {
    const link = join(folder, 'nothing');
    await symlink('/dev/null', link);
    await writeWhole(link, 'text');
    await writeWhole(link, (append) => append(Buffer.from('pieces')));
    expect(await readlink(link)).toBe('/dev/null');
    expect(await readdir(folder)).toEqual(['nothing']);
    expect(await readFile(link, 'utf8')).toBe('');
  });

  it('passes on what the file system says', async () => {
    await writeWhole(join(folder, 'file'), '');
    await expect(writeWhole(join(folder, 'file', 'inside'), '')).rejects.toHaveProperty('code');
    await mkdir(join(folder, 'taken'));
    await expect(writeWhole(join(folder, 'taken'), '')).rejects.toHaveProperty('code');
    expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
  });

  it('writers of one file at once leave one of the contents, whole', async () => {
    const file = join(folder, 'file');
    const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(contents.map((content) => writeWhole(file, content)));
    expect(contents).toContain(await readFile(file, 'utf8'));
    expect(await readdir(folder)).toEqual(['file']);
  });
});

it('what a killed writer left is found by its name and removed; other files stay', async () => {
  let left = '';
  await writeWhole(join(folder, 'ladder.json'), async (append) => {
    await append(new Uint8Array(3));
    // As a kill at this moment would leave it.
    [left = ''] = await readdir(folder);
  });
  expect([left, 'ladder.json', 'notes.tmp'].map(isUnfinished)).toEqual([true, false, false]);
  await writeFile(join(folder, left), 'half');
  await writeFile(join(folder, 'notes.tmp'), 'mine');
  await removeUnfinished(folder, join(folder, 'nowhere'));
  expect((await readdir(folder)).sort()).toEqual(['ladder.json', 'notes.tmp']);
});
