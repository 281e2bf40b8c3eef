import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TextEncodingError } from '../text-encoding.js';
import { FileSystemError } from './file-system-error.js';
import { readText, TextSizeError } from './read-text.js';

test('text is read whole, and refused where it is too long, no UTF-8 or no file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ntk-lens-core-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'list');
  const text = 'é'.repeat(100_000);
  await writeFile(file, `\ufeff${text}`);
  expect(await readText(file)).toBe(text);
  await expect(readText(file, 200_002)).rejects.toThrow(TextSizeError);
  await writeFile(file, Buffer.from('naïve', 'latin1'));
  await expect(readText(file)).rejects.toThrow(TextEncodingError);
  await expect(readText(folder)).rejects.toThrow(FileSystemError);
  await expect(readText(folder)).rejects.toThrow(folder);
});

test.runIf(process.platform === 'linux')('a file without an end is not read for ever', async () => {
  await expect(readText('/dev/zero')).rejects.toThrow(/^\/dev\/zero: found more than 16777216 bytes/);
});
