import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHub, type TestHub } from '@ntk-lens/testing/hub-server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { modelDirectory } from './model-directory.js';

const fixture = fileURLToPath(new URL('../../../models/fixtures/architectures/bert', import.meta.url));
let home: string;
let hub: TestHub;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ntk-lens-home-'));
  for (const name of Object.keys(process.env))
    if (/^HF_|^HUGGING|_OFFLINE$/.test(name)) vi.stubEnv(name, undefined);
  const files = new Map<string, Uint8Array>([
    ['config.json', readFileSync(`${fixture}/config.json`)],
    ['model.safetensors', readFileSync(`${fixture}/model.safetensors`)],
    ['vocab.txt', new TextEncoder().encode('[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n')],
  ]);
  hub = await startHub('some-org/m', files, (name) => name.endsWith('.safetensors'));
  vi.stubEnv('HF_HOME', home);
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  rmSync(home, { recursive: true });
});

test('a damaged file of the cache is found where verifying is asked for', async () => {
  const { directory } = await modelDirectory('some-org/m');
  const blob = realpathSync(join(directory, 'model.safetensors'));
  const whole = readFileSync(blob);
  const damaged = Uint8Array.from(whole);
  damaged[damaged.length - 1]! ^= 1;
  writeFileSync(blob, damaged);
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  await expect(modelDirectory('some-org/m', { verify: true })).rejects.toMatchObject({
    code: 'DAMAGED_CACHE',
  });
  vi.stubEnv('HF_HUB_OFFLINE', '0');
  await modelDirectory('some-org/m', { verify: true });
  expect(readFileSync(join(directory, 'model.safetensors')).equals(whole)).toBe(true);
});
