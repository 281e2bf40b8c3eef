import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHub, type TestHub } from '@ntk-lens/testing/hub-server';
import { afterEach, beforeEach, vi } from 'vitest';
import { openWeights } from '../../open-weights.js';
import { type ResolveModelOptions, resolveModel } from '../resolve-model.js';

export const fixtures = fileURLToPath(new URL('../../../../fixtures', import.meta.url));
export const id = 'some-org/tiny-bert';
export const filesIn = (
  directory: string,
  extra: Readonly<Record<string, string>> = {},
): Map<string, Uint8Array> =>
  new Map([
    ...readdirSync(join(fixtures, directory)).map(
      (name) => [name, readFileSync(join(fixtures, directory, name))] as const,
    ),
    ...Object.entries(extra).map(([name, text]) => [name, Buffer.from(text)] as const),
  ]);
export const extras = {
  'vocab.txt': '[PAD]\n',
  'README.md': '# big',
  'onnx/model.onnx': 'x',
  'flax_model.msgpack': 'x',
};
export const isLarge = (name: string): boolean => /\.(safetensors|bin)$/.test(name);

export let cacheDir: string;
export let hub: TestHub;
export const resolve = (options: ResolveModelOptions = {}, name = id) =>
  resolveModel(name, { cacheDir, endpoint: hub.endpoint, stallTimeout: 5_000, backoff: 1, ...options });
export const errorOf = (options: ResolveModelOptions = {}, name = id): Promise<unknown> =>
  resolve(options, name).then(
    () => undefined,
    (error: unknown) => error,
  );
/** Lets the next `times` requests to paths that match be answered by `answer`. */
export const failing = (
  match: RegExp,
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  times = Infinity,
) => {
  let left = times;
  hub.fault = (request, response, path) => {
    if (!match.test(path) || left <= 0) return false;
    left--;
    answer(response, request);
    return true;
  };
};
export const weightsWork = async (directory: string): Promise<void> => {
  const source = await openWeights(directory);
  for (const name of source.names) await source.read(name);
  await source.close();
};

/** Gives every test of the file that calls it a Hub and an empty cache of its own. */
export const hubForEachTest = (): void => {
  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'ntk-lens-hub-'));
    hub = await startHub(id, filesIn('tiny-bert', extras), isLarge);
    // Nothing of the machine that runs the tests: its token, its cache, its proxies.
    for (const name of Object.keys(process.env))
      if (/^HF_|^HUGGING|_OFFLINE$|^XDG_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
    vi.stubEnv('HOME', cacheDir);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await hub.close();
    await rm(cacheDir, { recursive: true, force: true });
  });
};
