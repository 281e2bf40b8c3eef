import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressEvent } from '@ntk-lens/core';
import { commit, startHub } from '@ntk-lens/testing/hub-server';
import { describe, expect, it, vi } from 'vitest';
import { HubEntryNotFoundError, ModelNotFoundError, OfflineModelError } from '../../hub/errors.js';
import { isHubId } from '../../hub/hub-id.js';
import { resolveModel } from './resolve-model.js';
import {
  cacheDir,
  errorOf,
  extras,
  failing,
  filesIn,
  fixtures,
  hub,
  hubForEachTest,
  id,
  isLarge,
  resolve,
  weightsWork,
} from './testing/setup.js';

hubForEachTest();

const downloads = () => hub.requests.filter((path) => path.includes('resolve'));

describe('resolveModel', () => {
  it('takes a directory as it is, and an embedded name for its directory', async () => {
    expect(await resolve({}, fixtures)).toEqual({ directory: fixtures });
    expect(await resolve({ embedded: { 'minilm-mlm': '/x' } }, 'minilm-mlm')).toEqual({ directory: '/x' });
    expect(hub.requests).toEqual([]);
  });

  it('downloads only what is needed, into the layout of the Hugging Face cache', async () => {
    const { directory, commit: found } = await resolve();
    expect(found).toBe(commit);
    const folder = join(cacheDir, 'models--some-org--tiny-bert');
    expect(directory).toBe(join(folder, 'snapshots', commit));
    expect((await readdir(directory)).sort()).toEqual(['config.json', 'model.safetensors', 'vocab.txt']);
    expect(readFileSync(join(folder, 'refs/main'), 'utf8')).toBe(commit);
    const pointer = join(directory, 'model.safetensors');
    expect(lstatSync(pointer).isSymbolicLink()).toBe(true);
    expect(readlinkSync(pointer)).toMatch(/^\.\.[\\/]\.\.[\\/]blobs[\\/][0-9a-f]{64}$/);
    expect(
      (await readdir(join(folder, 'blobs'))).every((name) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(name)),
    ).toBe(true);
    await weightsWork(directory);
  });

  it('downloads once, also for another name of the same commit', async () => {
    await resolve();
    const before = downloads().length;
    await resolve();
    await resolve({ revision: 'v1' });
    await resolve({ revision: commit });
    expect(downloads()).toHaveLength(before);
  });

  it('works offline afterwards, and when the Hub fails', async () => {
    const { directory } = await resolve();
    hub.requests.length = 0;
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await resolve()).directory).toBe(directory);
    expect(hub.requests).toEqual([]);
    vi.stubEnv('HF_HUB_OFFLINE', undefined);
    failing(/./, (response) => response.writeHead(503).end());
    const events: ProgressEvent[] = [];
    expect((await resolve({ onProgress: (event) => events.push(event) })).directory).toBe(directory);
    expect(events.at(-1)?.detail).toMatch(/cached/);
  });

  it('takes endpoint, token and cache from the environment, and sends the token to the endpoint only', async () => {
    vi.stubEnv('HF_ENDPOINT', `${hub.endpoint}/`);
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    vi.stubEnv('HF_HOME', cacheDir);
    const { directory } = await resolveModel(id);
    expect(directory.startsWith(join(cacheDir, 'hub'))).toBe(true);
    expect([...hub.tokens.hub]).toEqual(['Bearer hf_secret']);
    expect([...hub.tokens.cdn]).toEqual(['']);
    vi.stubEnv('HF_ENDPOINT', '');
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await resolveModel(id)).directory).toBe(directory);
  });

  it('downloads a sharded model by its index, and a bin where there are no safetensors', async () => {
    for (const [name, count] of [
      ['tiny-bert-sharded', 4],
      ['tiny-bert-bin', 2],
      ['tiny-bert-bin-sharded', 4],
    ] as const) {
      const other = await startHub(`org/${name}`, filesIn(name), isLarge);
      const { directory } = await resolveModel(`org/${name}`, { cacheDir, endpoint: other.endpoint });
      expect(await readdir(directory)).toHaveLength(count);
      await weightsWork(directory);
      await other.close();
    }
  });

  it('reports bytes of all files', async () => {
    const events: ProgressEvent[] = [];
    await resolve({ onProgress: (event) => events.push(event) });
    const total = ['config.json', 'vocab.txt', 'model.safetensors'].reduce(
      (sum, name) => sum + filesIn('tiny-bert', extras).get(name)!.length,
      0,
    );
    expect(events.at(-1)).toMatchObject({ done: total, total, unit: 'bytes' });
    for (let i = 1; i < events.length; i++)
      expect(events[i]!.done).toBeGreaterThanOrEqual(events[i - 1]!.done);
  });

  it('knows Hub ids from other text', () => {
    expect(['roberta-base', 'FacebookAI/roberta-base', 'a/b.c_d'].every(isHubId)).toBe(true);
    expect(
      ['', '../x', 'a/b/c', '/a', 'a/', 'a--b', 'a/..', 'x y', 'a\\b', '.a', 'a'.repeat(300)].some(isHubId),
    ).toBe(false);
  });
});

describe('a snapshot that another program made', () => {
  it('gets the tokenizer that was not asked for there', async () => {
    const { directory } = await resolve();
    await rm(join(directory, 'vocab.txt'));
    expect((await errorOf({ offline: true })) as Error).toMatchObject({
      message: expect.stringMatching(/tokenizer is missing/),
    });
    await resolve();
    await rm(join(directory, 'config.json'));
    await resolve({ revision: commit });
    expect((await readdir(directory)).sort()).toEqual(['config.json', 'model.safetensors', 'vocab.txt']);
  });
});

describe('a model that cannot be had', () => {
  it('lists what is here when the name is unknown or malformed', async () => {
    await resolve();
    const embedded = { 'minilm-mlm': '/x' };
    for (const name of ['no-such-org/model', './no/such/dir', 'x y']) {
      const error = await errorOf({ embedded }, name);
      expect(error).toBeInstanceOf(ModelNotFoundError);
      expect((error as Error).message).toMatch(/roberta-base.*Models here: minilm-mlm, some-org\/tiny-bert/);
    }
  });

  it('offline: says what is missing', async () => {
    expect(await errorOf({ offline: true })).toBeInstanceOf(OfflineModelError);
    const { directory } = await resolve();
    await rm(join(directory, 'model.safetensors'));
    const error = await errorOf({ offline: true });
    expect((error as Error).message).toMatch(/weights are missing/);
  });

  it('with a revision that does not exist, or leaves the directory', async () => {
    expect(await errorOf({ revision: 'v9' })).toBeInstanceOf(HubEntryNotFoundError);
    expect(await errorOf({ revision: '../../x' })).toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('without weights or config', async () => {
    for (const gone of ['config.json', 'model.safetensors']) {
      const files = filesIn('tiny-bert');
      files.delete(gone);
      const other = await startHub('org/none', files, isLarge);
      expect(
        await resolveModel('org/none', { cacheDir, endpoint: other.endpoint }).catch((e) => e),
      ).toBeInstanceOf(HubEntryNotFoundError);
      await other.close();
    }
  });
});
