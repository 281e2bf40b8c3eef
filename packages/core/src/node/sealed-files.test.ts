import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileHash } from './file-hash.js';
import { fileListName, verifyFileList, writeFileList } from './file-list.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';
import { sha256 } from './sha256.js';

let folder: string;
const cache = process.env['XDG_CACHE_HOME'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-sealed-'));
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
});
afterEach(async () => {
  if (cache === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cache;
  await rm(folder, { recursive: true });
});

const sumOf = (bytes: Uint8Array) => sha256().update(bytes).hex();

describe('JSON that carries its own hash', () => {
  it('is read as it was written, and any other content is told', async () => {
    const file = join(folder, 'sealed.json');
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        async (fields, at, bit) => {
          const { sha256: _, ...rest } = fields;
          const plain = JSON.parse(JSON.stringify(rest));
          await writeSealedJson(file, rest);
          expect(await readSealedJson(file)).toEqual({ fields: plain, whole: true });
          const bytes = await readFile(file);
          bytes[at % bytes.length]! ^= 1 << bit;
          await writeFile(file, bytes);
          const found = await readSealedJson(file);
          // Another space between fields changes nothing.
          if (found?.whole) expect(JSON.stringify(found.fields)).toBe(JSON.stringify(plain));
        },
      ),
      { numRuns: 20 },
    );
  });
  it('is absent only where there is no file', async () => {
    expect(await readSealedJson(join(folder, 'none.json'))).toBeUndefined();
    for (const text of ['', '[]', 'null', '{', '{"a":1}', '{"a":1,"sha256":"00"}']) {
      await writeFile(join(folder, 'file.json'), text);
      expect(await readSealedJson(join(folder, 'file.json'))).toMatchObject({ whole: false });
    }
    await mkdir(join(folder, 'folder.json'));
    await expect(readSealedJson(join(folder, 'folder.json'))).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
    });
  });
});

describe('a list of files', () => {
  it('names the one that is not what was written', async () => {
    const bytes = Buffer.from('weights');
    await writeFile(join(folder, 'weights'), bytes);
    await verifyFileList(folder);
    await writeFileList(folder, { weights: sumOf(bytes) });
    await verifyFileList(folder);
    for (const damage of ['Weights', '']) {
      await writeFile(join(folder, 'weights'), damage);
      await expect(verifyFileList(folder)).rejects.toMatchObject({
        code: 'DAMAGED_FILE',
        message: expect.stringContaining(join(folder, 'weights')),
      });
    }
    await rm(join(folder, 'weights'));
    await expect(verifyFileList(folder)).rejects.toMatchObject({ code: 'DAMAGED_FILE' });
    await writeFile(join(folder, fileListName), '');
    await expect(verifyFileList(folder)).rejects.toMatchObject({
      message: expect.stringContaining(fileListName),
    });
  });
});

describe('the hash of a large file', () => {
  const bytes = Buffer.alloc(2 ** 20 + 3, 7);
  const hashes = () => join(folder, 'cache', 'ntk-lens', 'hashes');
  const entries = async () => readdir(hashes()).catch((): string[] => []);
  const later = () => vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  afterEach(() => vi.restoreAllMocks());

  it('is remembered, except where the file has just changed and could change again in the same moment', async () => {
    const file = join(folder, 'large');
    await writeFile(file, bytes);
    expect(await fileHash(file)).toBe(sumOf(bytes));
    expect(await entries()).toEqual([]);
    later();
    expect(await fileHash(file)).toBe(sumOf(bytes));
    const [entry] = await entries();
    const path = join(hashes(), entry!);
    const { sha256: _, ...content } = JSON.parse(await readFile(path, 'utf8'));
    // Only a whole entry that says otherwise would show that it is read.
    await writeSealedJson(path, { ...content, hash: 'remembered' });
    expect(await fileHash(file)).toBe('remembered');
    expect(await fileHash(file, { verify: true })).toBe(sumOf(bytes));
    expect(await fileHash(file)).toBe(sumOf(bytes));
  });
  it('is that of the bytes after every change, with its old time and size too, and with a damaged entry', async () => {
    const file = join(folder, 'large');
    const time = new Date('2026-01-01');
    await writeFile(file, bytes);
    await utimes(file, time, time);
    later();
    await fileHash(file);
    const changed = Buffer.from(bytes);
    changed[5] = 8;
    await writeFile(file, changed);
    await utimes(file, time, time);
    expect(await fileHash(file)).toBe(sumOf(changed));
    const [entry] = await entries();
    const path = join(hashes(), entry!);
    const whole = await readFile(path, 'utf8');
    for (const damage of ['', whole.slice(9), whole.replace(sumOf(changed), sumOf(bytes)), '[]']) {
      await writeFile(path, damage);
      expect(await fileHash(file)).toBe(sumOf(changed));
    }
  });
  it('needs no cache that can be written', async () => {
    await writeFile(join(folder, 'cache'), 'a file');
    await writeFile(join(folder, 'large'), bytes);
    later();
    expect(await fileHash(join(folder, 'large'))).toBe(sumOf(bytes));
  });
});
