import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { keepPart, leavePart, openPart } from './part-file.js';

const slowRename = vi.hoisted(() => vi.fn<(from: string, to: string) => Promise<void>>());
vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof import('node:fs/promises')>();
  slowRename.mockImplementation(files.rename);
  return { ...files, rename: slowRename };
});

const newBlob = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-part-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'blob');
};

it('no call takes over a part while it gets its name', async () => {
  const blob = newBlob();
  const part = await openPart(blob, 5);
  await part.handle.write('whole');
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const renames = new Promise<void>((resolve) => {
    slowRename.mockImplementationOnce(async (from, to) => {
      resolve();
      await released;
      renameSync(from, to);
    });
  });
  const kept = keepPart(part, blob);
  await renames;
  const other = await openPart(blob, 5);
  expect(other.size).toBe(0);
  await leavePart(other);
  release();
  await kept;
  expect(readFileSync(blob, 'utf8')).toBe('whole');
});

it('a part that is left is taken over, once', async () => {
  const blob = newBlob();
  const part = await openPart(blob, 5);
  await part.handle.write('who');
  await leavePart(part);
  const [first, second] = await Promise.all([openPart(blob, 5), openPart(blob, 5)]);
  expect([first.size, second.size].toSorted()).toEqual([0, 3]);
  await Promise.all([leavePart(first), leavePart(second)]);
});

it('a part that cannot get its name can be taken over', async () => {
  const blob = newBlob();
  const part = await openPart(blob, 5);
  await part.handle.write('whole');
  await expect(keepPart(part, join(blob, 'no', 'such', 'folder'))).rejects.toMatchObject({ code: 'ENOENT' });
  await leavePart(part);
  const other = await openPart(blob, 5);
  expect(other.size).toBe(5);
  await leavePart(other);
  expect(readdirSync(join(blob, '..'))).toHaveLength(1);
});
