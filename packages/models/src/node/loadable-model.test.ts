import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveModel } from '@ntk-lens/checkpoints';
import { startHub } from '@ntk-lens/testing/hub-server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadModel } from './load-model.js';
import { loadableModel } from './loadable-model.js';

const embedded = fileURLToPath(new URL('../../../minilm-mlm/model', import.meta.url));
const embeddedFile = (name: string) => readFileSync(join(embedded, name));
const bytes = (text: string) => new TextEncoder().encode(text);

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'ntk-lens-loadable-'));
  vi.stubEnv('HF_TOKEN', 'hf_test');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true });
});

const config = JSON.parse(embeddedFile('config.json').toString()) as Record<string, unknown>;
const tokenizer = JSON.parse(embeddedFile('tokenizer.json').toString()) as Record<string, unknown>;

/** What comes of a model on the Hub, and which of its files were asked for. */
const resolveFiles = async (files: Readonly<Record<string, string>>) => {
  const all = { 'model.safetensors': 'weights', ...files };
  const hub = await startHub(
    'org/m',
    new Map(Object.entries(all).map(([name, text]) => [name, bytes(text)])),
    (name) => /safetensors|bin$/.test(name),
  );
  const options = { cacheDir, endpoint: hub.endpoint, check: loadableModel };
  const error = await resolveModel('org/m', options).then(
    () => undefined,
    (thrown: Error & { code?: string }) => thrown,
  );
  await hub.close();
  return {
    code: error?.code,
    asked: hub.requests.filter((path) => /resolve|cdn/.test(path)).map((path) => path.split('/').pop()),
  };
};

test.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
  ['another architecture', { model_type: 'mamba' }, 'UNSUPPORTED_ARCHITECTURE'],
  [
    'an unknown class',
    { model_type: null, architectures: ['Llama4ForCausalLM'] },
    'UNSUPPORTED_ARCHITECTURE',
  ],
  ['sizes that contradict each other', { ...config, num_attention_heads: 7 }, 'MODEL_CONFIG'],
  ['a decoder', { ...config, is_decoder: true }, 'MODEL_CONFIG'],
])('a config.json of %s is refused when only config.json was asked for', async (_, value, code) => {
  const files = { 'config.json': JSON.stringify(value), 'tokenizer.json': JSON.stringify(tokenizer) };
  expect(await resolveFiles(files)).toEqual({ code, asked: ['config.json'] });
});

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ['is no JSON', { 'tokenizer.json': '<html>' }],
  [
    'has a model of another kind',
    { 'tokenizer.json': JSON.stringify({ ...tokenizer, model: { type: 'Other' } }) },
  ],
  ['is that of sentencepiece alone', { 'sentencepiece.bpe.model': 'x', 'tokenizer_config.json': '{}' }],
])('a tokenizer that %s is refused before the weights', async (_, files) => {
  const { code, asked } = await resolveFiles({ 'config.json': JSON.stringify(config), ...files });
  expect(code).toMatch(/TOKENIZER|STRAY/);
  expect(asked.filter((name) => name!.startsWith('model'))).toEqual([]);
});

test('a config.json that names no architecture waits for the weights, which then decide', async () => {
  const { model_type: _, architectures: __, ...untold } = config;
  const { code, asked } = await resolveFiles({
    'config.json': JSON.stringify(untold),
    'tokenizer.json': JSON.stringify(tokenizer),
  });
  expect(code).toBeUndefined();
  expect(asked).toContain('model.safetensors');
  const directory = (await resolveModel('org/m', { cacheDir, offline: true })).directory;
  await expect(loadModel(directory)).rejects.toThrow(/Add "model_type"/);
});
