import { createHash } from 'node:crypto';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ProgressEvent } from '@ntk-lens/core';
import { commit } from '@ntk-lens/testing/hub-server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  cacheDir,
  errorOf,
  failing,
  filesIn,
  hub,
  hubForEachTest,
  id,
  resolve,
  weightsWork,
} from './testing/setup.js';
import { verifySnapshot } from './verify-snapshot.js';

hubForEachTest();

let folder: string;
let snapshot: string;
beforeEach(() => {
  folder = join(cacheDir, 'models--some-org--tiny-bert');
  snapshot = join(folder, 'snapshots', commit);
});
const blobOf = (name: string) => join(snapshot, readlinkSync(join(snapshot, name)));
const other = 'f'.repeat(40);

describe('a cache that cannot be written serves what it holds', () => {
  // Root may write anywhere, so that the paths to be written are made impossible instead: a folder that is a file.
  beforeEach(async () => {
    await resolve();
    rmSync(join(folder, 'refs'), { recursive: true });
    writeFileSync(join(folder, 'refs'), '');
    hub.requests.length = 0;
  });

  it('with the Hub there, not there, and offline, though no reference names the commit', async () => {
    expect((await resolve()).directory).toBe(snapshot);
    expect((await resolve({ offline: true })).directory).toBe(snapshot);
    failing(/./, (response) => response.writeHead(503).end());
    expect((await resolve({ attempts: 1 })).directory).toBe(snapshot);
    expect(hub.requests.filter((path) => path.startsWith('cdn'))).toEqual([]);
  });

  it('with a branch that has moved since: the older commit, and a word on it', async () => {
    failing(/revision/, (response) => response.writeHead(200).end(JSON.stringify({ sha: other })));
    const listing = [...filesIn('tiny-bert')].map(([path, bytes]) => {
      const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      return { type: 'file', path, size: bytes.length, oid };
    });
    hub.fault = (_, response, path) => {
      if (path.includes('/revision/')) response.end(JSON.stringify({ sha: other }));
      else if (path.includes('/tree/')) response.end(JSON.stringify(listing));
      else return false;
      return true;
    };
    writeFileSync(join(folder, 'snapshots', other), '');
    const events: ProgressEvent[] = [];
    expect((await resolve({ onProgress: (event) => events.push(event) })).commit).toBe(commit);
    expect(events.at(-1)?.detail).toMatch(/cache cannot be written; using the cached 0123/);
  });

  it('but a model that it does not hold is refused by name', async () => {
    rmSync(join(snapshot, 'model.safetensors'));
    expect(await errorOf({ offline: true })).toMatchObject({ code: 'OFFLINE_MODEL' });
  });
});

describe('a cache of several snapshots without references', () => {
  it('is not guessed from', async () => {
    await resolve();
    cpSync(snapshot, join(folder, 'snapshots', other), { recursive: true, verbatimSymlinks: true });
    rmSync(join(folder, 'refs'), { recursive: true });
    expect(await errorOf({ offline: true })).toMatchObject({ code: 'OFFLINE_MODEL' });
    expect((await resolve({ offline: true, revision: other })).commit).toBe(other);
  });
});

describe('links', () => {
  it('are copies where HF_HUB_DISABLE_SYMLINKS says so', async () => {
    vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', '1');
    await weightsWork((await resolve()).directory);
    const copy = join(snapshot, 'model.safetensors');
    expect(lstatSync(copy).isFile()).toBe(true);
    // Its name is not its hash, but the Hub knows it.
    writeFileSync(copy, Buffer.alloc(lstatSync(copy).size));
    await weightsWork((await resolve({ verify: true })).directory);
  });

  it('that lead nowhere are downloaded again, or missing offline', async () => {
    await resolve();
    rmSync(blobOf('model.safetensors'));
    expect(await errorOf({ offline: true })).toMatchObject({
      message: expect.stringMatching(/weights are missing/),
    });
    await weightsWork((await resolve()).directory);
  });

  it('in place of a part are neither taken over nor written through', async () => {
    const precious = join(cacheDir, 'precious');
    writeFileSync(precious, 'keep me');
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    const hex = createHash('sha256').update(filesIn('tiny-bert').get('model.safetensors')!).digest('hex');
    for (const suffix of ['incomplete', 'host.999999.01234567.incomplete'])
      symlinkSync(precious, join(folder, 'blobs', `${hex}.${suffix}`));
    await weightsWork((await resolve()).directory);
    expect(readFileSync(precious, 'utf8')).toBe('keep me');
  });
});

it('eight calls that download one model at once all succeed, and leave no part', async () => {
  const found = await Promise.all(Array.from({ length: 8 }, () => resolve()));
  for (const { directory } of found) await weightsWork(directory);
  expect(readdirSync(join(folder, 'blobs')).filter((name) => name.includes('incomplete'))).toEqual([]);
  expect(readdirSync(snapshot).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect(lstatSync(join(snapshot, 'model.safetensors')).isSymbolicLink()).toBe(true);
});

describe('a cached file of the right size and wrong bytes', () => {
  const damage = (name: string) => {
    const blob = blobOf(name);
    const bytes = readFileSync(blob);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(blob, bytes);
    return blob;
  };

  it.each(['model.safetensors', 'config.json'])('is found by verify: %s', async (name) => {
    const { directory } = await resolve();
    expect((await verifySnapshot(directory)).toSorted()).toEqual([
      'config.json',
      'model.safetensors',
      'vocab.txt',
    ]);
    const blob = damage(name);
    await expect(verifySnapshot(directory)).rejects.toMatchObject({
      code: 'DAMAGED_CACHE',
      message: expect.stringContaining(name),
    });
    expect(await errorOf({ verify: true, offline: true })).toMatchObject({ code: 'DAMAGED_CACHE' });
    expect(statSync(blob).isFile()).toBe(true);
    await resolve({ verify: true });
    expect(await verifySnapshot(directory)).toHaveLength(3);
    await resolve({ verify: true, offline: true });
  });

  it('is not linked to by a new snapshot', async () => {
    const { directory } = await resolve();
    damage('model.safetensors');
    rmSync(join(snapshot, 'model.safetensors'));
    await weightsWork((await resolve()).directory);
    expect(await verifySnapshot(directory)).toHaveLength(3);
  });
});

describe('a check of the model', () => {
  const weights = () => hub.requests.filter((path) => /safetensors|bin/.test(path));
  it('sees config.json first, then the tokenizer, and ends the download before the weights', async () => {
    for (const stage of ['config', 'tokenizer'] as const) {
      const seen: (readonly string[])[] = [];
      const check = async (directory: string, has: string) => {
        seen.push([has, ...readdirSync(directory)]);
        if (has === stage) throw new Error('not this one');
      };
      expect(await errorOf({ check })).toMatchObject({ message: 'not this one' });
      expect(seen.at(-1)![0]).toBe(stage);
      expect(seen.at(-1)!.includes('vocab.txt')).toBe(stage === 'tokenizer');
      expect(weights()).toEqual([]);
    }
    await resolve({ check: async () => {} });
    expect(weights().length).toBeGreaterThan(0);
    // A model whose weights are there is not looked at again.
    await resolve({ check: () => Promise.reject(new Error('not this one')) });
    expect(id).toBe('some-org/tiny-bert');
  });
});
