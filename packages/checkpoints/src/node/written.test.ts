import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileListName, isNtkLensError, type NDArray, ndarray } from '@ntk-lens/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessTo } from '../source/random-access.js';
import { encodeTorchFile } from '../torch/encode-torch-file.js';
import { torchValueFrom } from '../torch/torch-value.js';
import { readZipDirectory, zipDataOffset } from '../torch/zip/zip-directory.js';
import { writeZip } from '../torch/zip/zip-writer.js';
import { openSafetensors, readTorchFile } from './open-files.js';
import { openWeights } from './open-weights.js';
import { saveModelDirectory } from './save-model-directory.js';
import { writeSafetensors, writeTorchFile } from './write-files.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const filesOf = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile())
    .map((e) => relative(directory, join(e.parentPath, e.name)))
    .sort();
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ntk-lens-written-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Reads fixtures and writes them again by the project's own writers. */
const writeAll = async (into: string): Promise<void> => {
  await mkdir(into, { recursive: true });
  for (const name of ['kernel', 'plain', 'views', 'types']) {
    await writeTorchFile(join(into, `${name}.pt`), await readTorchFile(join(fixtures, `torch/${name}.pt`)));
  }
  const kernel = await encodeTorchFile(await readTorchFile(join(fixtures, 'torch/kernel.pt')));
  await writeFile(join(into, 'zip64.pt'), await withZip64(kernel));
  const source = await openWeights(join(fixtures, 'tiny-bert'));
  const tensors = new Map<string, NDArray>();
  for (const name of source.names) tensors.set(name, await source.read(name));
  tensors.set('cls.predictions.decoder.weight', tensors.get('bert.embeddings.word_embeddings.weight')!);
  await source.close();
  const config = JSON.parse(await readFile(join(fixtures, 'tiny-bert/config.json'), 'utf8'));
  await saveModelDirectory(join(into, 'saved'), { config, tensors });
};

/** The same entries, with the fields that files beyond 4 GiB need. */
const withZip64 = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const access = accessTo(bytes, 'zip');
  const inputs = [];
  for (const [name, entry] of await readZipDirectory(access)) {
    const start = await zipDataOffset(access, entry);
    inputs.push({ name, bytes: bytes.subarray(start, start + entry.size) });
  }
  const parts: Uint8Array[] = [];
  await writeZip(inputs, async (part) => void parts.push(part), 0);
  return Buffer.concat(parts);
};

describe('files that torch and transformers read', () => {
  it('are written with the very bytes that were verified', async () => {
    if (process.env['NTK_LENS_WRITE_FIXTURES']) {
      await rm(join(fixtures, 'written'), { recursive: true, force: true });
      await writeAll(join(fixtures, 'written'));
    }
    const { sha256 } = JSON.parse(await readFile(join(fixtures, 'verified.json'), 'utf8'));
    const into = join(directory, 'again');
    await writeAll(into);
    const sums: Record<string, string> = {};
    // The list of hashes is ours, and no program but this one reads it.
    const others = (await filesOf(into)).filter((file) => basename(file) !== fileListName);
    for (const file of others) {
      sums[file] = createHash('sha256')
        .update(await readFile(join(into, file)))
        .digest('hex');
    }
    expect(sums).toEqual(sha256);
  });

  it('read back as what was written', async () => {
    const value = await readTorchFile(join(fixtures, 'torch/kernel.pt'));
    expect(await torchValueFrom(await encodeTorchFile(value))).toEqual(value);
    expect(await torchValueFrom(await withZip64(await encodeTorchFile(value)))).toEqual(value);
    const lists = await encodeTorchFile([1, [2, ['x']], new Map([['k', null]])], { sequences: 'list' });
    expect(await torchValueFrom(lists)).toEqual([1, [2, ['x']], new Map([['k', null]])]);
  });
});

describe('writeSafetensors', () => {
  it('gives a file that reads back, aligned to 8 bytes', async () => {
    const file = join(directory, 'w.safetensors');
    const tensors = new Map<string, NDArray>([
      ['a', ndarray(Float32Array.of(1, 2, 3), [3])],
      ['b', ndarray(Float64Array.of(0.5), [1, 1])],
      ['c', ndarray(Int32Array.of(7), [])],
    ]);
    await writeSafetensors(file, tensors, { note: 'x' });
    const source = await openSafetensors(file);
    expect(source.metadata.get('note')).toBe('x');
    expect((await source.read('a')).data).toEqual(Float32Array.of(1, 2, 3));
    expect((await source.read('b')).data).toEqual(Float32Array.of(0.5));
    expect(source.info('a').byteOffset % 8).toBe(0);
    expect(source.info('c').dtype).toBe('I32');
    await source.close();
  });

  it('leaves the old file, and nothing else, when it is stopped or refused', async () => {
    const inside = join(directory, 'atomic');
    await mkdir(inside);
    const file = join(inside, 'w.safetensors');
    await writeFile(file, 'old');
    const tensors = new Map([['a', ndarray(Float32Array.of(1), [1])]]);
    await expect(writeSafetensors(file, tensors, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await readdir(inside)).toEqual(['w.safetensors']);
    expect(await readFile(file, 'utf8')).toBe('old');
    await expect(writeSafetensors(join(file, 'w'), tensors)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
    });
  });
});

describe('saveModelDirectory', () => {
  it('copies tokenizer files and writes a shared array once', async () => {
    const tokenizer = join(directory, 'vocab.txt');
    await writeFile(tokenizer, '[PAD]\n');
    const shared = ndarray(Float32Array.of(1, 2), [2]);
    const into = join(directory, 'model');
    const tensors = new Map([
      ['embeddings', shared],
      ['decoder', shared],
    ]);
    await saveModelDirectory(into, { config: { model_type: 'bert' }, tensors, tokenizerFiles: [tokenizer] });
    expect(await filesOf(into)).toEqual(['config.json', 'model.safetensors', fileListName, 'vocab.txt']);
    const source = await openWeights(into);
    expect(source.names).toEqual(['embeddings']);
    await source.close();
  });

  it('gives a typed error where it cannot write', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    const error = await saveModelDirectory(file, { config: {}, tensors: new Map() }).catch((e: unknown) => e);
    expect(isNtkLensError(error)).toBe(true);
  });
});
