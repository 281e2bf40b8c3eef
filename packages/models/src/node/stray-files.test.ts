import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  openSafetensors,
  openTensorsState,
  openTorchState,
  openTorchWeights,
  openWeights,
  readTorchFile,
} from '@ntk-lens/checkpoints';
import { decodeNpy } from '@ntk-lens/core';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { architectureRoot } from '../testing/architecture-cases.js';
import { loadModel } from './load-model.js';
import { readModelConfig } from './read-model-config.js';

const embedded = fileURLToPath(new URL('../../../minilm-mlm/model', import.meta.url));
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ntk-lens-stray-'));
  cpSync(join(architectureRoot, 'roberta'), directory, { recursive: true });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Every reader of a file of a model, by the name of the file. */
const readers: readonly (readonly [string, (file: string) => Promise<unknown>])[] = [
  ['model.safetensors', () => loadModel(directory)],
  ['model.safetensors', openSafetensors],
  ['pytorch_model.bin', openTorchWeights],
  ['kernels.pt', readTorchFile],
  ['optimizer.pt', openTorchState],
  ['optimizer.safetensors', openTensorsState],
  ['model.safetensors.index.json', () => openWeights(join(directory, 'sharded'))],
  ['config.json', () => readModelConfig(directory)],
  ['tokenizer.json', () => loadTokenizer(directory)],
  ['kernel.npy', async (file) => decodeNpy(readFileSync(file))],
];
const contents = {
  'Git LFS pointer': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 498818054\n',
  'page of a website': '<!DOCTYPE html><html><title>Log in</title></html>',
  'an answer with an error': '{"error":"Access to model org/m is restricted"}',
  'error of a storage server': '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
  'an empty file': '',
  gzip: gzipSync(readFileSync(join(embedded, 'config.json'))),
};

describe.each(Object.entries(contents))('%s', (what, content) => {
  it.each(readers)('in the place of %s is told as such', async (name, read) => {
    cpSync(join(architectureRoot, 'roberta'), directory, { recursive: true });
    const file = join(directory, name.includes('index') ? 'sharded' : '', name);
    if (name.includes('index')) cpSync(embedded, join(directory, 'sharded'), { recursive: true });
    if (name.includes('index')) rmSync(join(directory, 'sharded/model.safetensors'), { force: true });
    writeFileSync(file, content);
    const error = (await read(file).catch((thrown: unknown) => thrown)) as Error & { code?: string };
    expect(error.message).toContain(what);
    expect(error.code).toBe('STRAY_CONTENT');
    rmSync(file);
  });
});
