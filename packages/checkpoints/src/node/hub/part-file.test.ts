import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keepPart, leavePart, openPart } from './part-file.js';

const newBlob = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-part-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'blob');
};

it('no call takes over a part while it gets its name', async () => {
  for (let turn = 0; turn < 20; turn++) {
    const blob = newBlob();
    const part = await openPart(blob, 5);
    await part.handle.write('whole');
    const kept = keepPart(part, blob);
    let named = false;
    void kept.finally(() => (named = true)).catch(() => {});
    while (!named) {
      const other = await openPart(blob, 5);
      expect(other.size).toBe(0);
      await leavePart(other);
    }
    await kept;
    expect(readFileSync(blob, 'utf8')).toBe('whole');
  }
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
  writeFileSync(blob, '');
  expect(readdirSync(join(blob, '..'))).toHaveLength(2);
});
