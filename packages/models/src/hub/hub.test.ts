import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CancelledError, isNtkLensError, type ProgressEvent } from '@ntk-lens/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWeights } from '../weights/open-weights.js';
import {
  DownloadMismatchError,
  HubAccessError,
  HubEntryNotFoundError,
  HubProtocolError,
  HubUnavailableError,
  ModelNotFoundError,
  OfflineModelError,
} from './errors.js';
import { isHubId, type ResolveModelOptions, resolveModel } from './resolve-model.js';
import { commit, startHub, type TestHub } from './testing-server.js';

const fixtures = fileURLToPath(new URL('../../fixtures/weights', import.meta.url));
const id = 'some-org/tiny-bert';
const filesIn = (directory: string, extra: Readonly<Record<string, string>> = {}): Map<string, Uint8Array> =>
  new Map([
    ...readdirSync(join(fixtures, directory)).map(
      (name) => [name, readFileSync(join(fixtures, directory, name))] as const,
    ),
    ...Object.entries(extra).map(([name, text]) => [name, Buffer.from(text)] as const),
  ]);
const extras = {
  'vocab.txt': '[PAD]\n',
  'README.md': '# big',
  'onnx/model.onnx': 'x',
  'flax_model.msgpack': 'x',
};
const isLarge = (name: string): boolean => /\.(safetensors|bin)$/.test(name);

let cacheDir: string;
let hub: TestHub;
const resolve = (options: ResolveModelOptions = {}, name = id) =>
  resolveModel(name, { cacheDir, endpoint: hub.endpoint, stallTimeout: 5_000, backoff: 1, ...options });
const errorOf = (options: ResolveModelOptions = {}, name = id): Promise<unknown> =>
  resolve(options, name).then(
    () => undefined,
    (error: unknown) => error,
  );
/** Lets the next `times` requests to paths that match be answered by `answer`. */
const failing = (
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
const downloads = () => hub.requests.filter((path) => path.includes('resolve'));
const weightsWork = async (directory: string): Promise<void> => {
  const source = await openWeights(directory);
  for (const name of source.names) await source.read(name);
  await source.close();
};

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'ntk-lens-hub-'));
  hub = await startHub(id, filesIn('tiny-bert', extras), isLarge);
  for (const name of ['HF_HUB_OFFLINE', 'HF_TOKEN', 'HF_ENDPOINT', 'HF_HOME', 'HF_HUB_CACHE'])
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(cacheDir, { recursive: true, force: true });
});

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

describe('a server that fails', () => {
  const blobs = async () => readdir(join(cacheDir, 'models--some-org--tiny-bert/blobs')).catch(() => []);
  it.each<readonly [string, RegExp, (response: ServerResponse) => void, { code: string }, RegExp]>([
    ['401', /resolve/, (r) => r.writeHead(401).end(), HubAccessError, /HF_TOKEN/],
    [
      '403 gated',
      /resolve/,
      (r) => r.writeHead(403, { 'x-error-code': 'GatedRepo' }).end(),
      HubAccessError,
      /gated/,
    ],
    [
      '404 for a file',
      /safetensors$/,
      (r) => r.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end(),
      HubEntryNotFoundError,
      /model\.safetensors/,
    ],
    ['404 for a model', /api/, (r) => r.writeHead(404).end(), ModelNotFoundError, /Models here/],
    ['429', /api/, (r) => r.writeHead(429).end(), HubUnavailableError, /too many requests/],
    [
      '429 for long',
      /api/,
      (r) => r.writeHead(429, { 'retry-after': '3600' }).end(),
      HubUnavailableError,
      /3600 s/,
    ],
    ['500', /resolve/, (r) => r.writeHead(500).end(), HubUnavailableError, /status 500/],
    ['418', /resolve/, (r) => r.writeHead(418).end(), HubProtocolError, /418/],
    ['a closed connection', /api/, (r) => r.destroy(), HubUnavailableError, /connection failed/],
    ['garbage for JSON', /api/, (r) => r.writeHead(200).end('<html>'), HubProtocolError, /no sense/],
    ['JSON of another kind', /tree/, (r) => r.writeHead(200).end('{"a":1}'), HubProtocolError, /no sense/],
    ['null', /revision/, (r) => r.writeHead(200).end('null'), HubProtocolError, /no sense/],
    ['no commit', /revision/, (r) => r.writeHead(200).end('{"sha":"../../etc"}'), HubProtocolError, /commit/],
    [
      'a redirect loop',
      /resolve/,
      (r) => r.writeHead(302, { location: '/some-org/tiny-bert/resolve/x' }).end(),
      HubProtocolError,
      /redirects/,
    ],
    [
      'a redirect to a file',
      /resolve/,
      (r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      HubProtocolError,
      /file:/,
    ],
    ['a silent server', /api/, () => {}, HubUnavailableError, /no answer/],
    [
      'wrong bytes',
      /^cdn/,
      (r) => r.writeHead(200).end(Buffer.alloc(filesIn('tiny-bert').get('model.safetensors')!.length)),
      DownloadMismatchError,
      /sha256/,
    ],
    [
      'too many bytes',
      /^cdn/,
      (r) => r.writeHead(200).end(Buffer.alloc(100_000)),
      DownloadMismatchError,
      /more than/,
    ],
    ['too few bytes', /^cdn/, (r) => r.writeHead(200).end('abc'), HubUnavailableError, /after 3 of/],
    ['an empty body', /^cdn/, (r) => r.writeHead(200).end(), HubUnavailableError, /after 0 of/],
    [
      'an unknown hash',
      /tree/,
      (r) => r.writeHead(200).end('[{"type":"file","path":"config.json","size":2,"oid":"../../x"}]'),
      HubEntryNotFoundError,
      /config\.json/,
    ],
  ])(
    'with %s: typed error, nothing half-written taken for whole, works afterwards',
    async (_, match, answer, errorClass, message) => {
      failing(match, answer);
      const error = await errorOf({ attempts: 2, stallTimeout: 300 });
      expect(isNtkLensError(error)).toBe(true);
      expect(error).toMatchObject({ code: errorClass.code });
      expect((error as Error).message).toMatch(message);
      expect(((await errorOf({ offline: true })) as Error)?.message).toMatch(/Offline/);
      hub.fault = () => false;
      await weightsWork((await resolve()).directory);
      expect((await blobs()).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
    },
  );

  it('now and then is tried again', async () => {
    failing(/./, (response) => response.writeHead(503).end(), 3);
    await weightsWork((await resolve()).directory);
  });

  it('in mid-body is resumed by a range in the same call', async () => {
    const bytes = filesIn('tiny-bert').get('model.safetensors')!;
    failing(
      /^cdn/,
      (response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20));
      },
      1,
    );
    await weightsWork((await resolve()).directory);
    expect(hub.requests.filter((path) => path.startsWith('cdn'))).toEqual([
      'cdn /model.safetensors',
      'cdn /model.safetensors bytes=5000-',
    ]);
  });

  it('by stalling in mid-body is given up, and resumed by the next run', async () => {
    const bytes = filesIn('tiny-bert').get('model.safetensors')!;
    failing(/^cdn/, (response, request) => {
      if (request.headers.range) return;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 4000));
    });
    expect(await errorOf({ attempts: 2, stallTimeout: 200 })).toBeInstanceOf(HubUnavailableError);
    hub.fault = () => false;
    hub.requests.length = 0;
    await weightsWork((await resolve()).directory);
    expect(hub.requests.filter((path) => path.startsWith('cdn'))).toEqual([
      'cdn /model.safetensors bytes=4000-',
    ]);
  });

  it('to honour a range is read from the start', async () => {
    const bytes = filesIn('tiny-bert').get('model.safetensors')!;
    let first = true;
    failing(/^cdn/, (response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      if (!first) response.end(bytes);
      else response.write(bytes.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20));
      first = false;
    });
    await weightsWork((await resolve()).directory);
  });

  it('leaves a damaged part, which is downloaded anew', async () => {
    failing(/^cdn/, (response) => response.writeHead(200).end('wrong'));
    await errorOf({ attempts: 1 });
    const folder = join(cacheDir, 'models--some-org--tiny-bert/blobs');
    const part = (await blobs()).find((name) => name.endsWith('.incomplete'))!;
    expect(await readFile(join(folder, part), 'utf8')).toBe('wrong');
    hub.fault = () => false;
    await weightsWork((await resolve()).directory);
  });

  it('is left when the signal fires, and the next run resumes', async () => {
    const controller = new AbortController();
    const bytes = filesIn('tiny-bert').get('model.safetensors')!;
    failing(/^cdn/, (response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 3000), () => setTimeout(() => controller.abort(), 20));
    });
    expect(await errorOf({ signal: controller.signal })).toBeInstanceOf(CancelledError);
    hub.fault = () => false;
    await weightsWork((await resolve()).directory);
    expect(hub.requests).toContain('cdn /model.safetensors bytes=3000-');
  });

  it('names shards outside the directory: refused, nothing written there', async () => {
    const files = filesIn('tiny-bert');
    files.delete('model.safetensors');
    files.set('model.safetensors.index.json', Buffer.from('{"weight_map":{"a":"../../evil"}}'));
    files.set('../../evil', Buffer.from('x'));
    const other = await startHub('org/evil', files, () => false);
    const error = await resolveModel('org/evil', { cacheDir, endpoint: other.endpoint }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: 'UNSAFE_SHARD_NAME' });
    await other.close();
  });

  it('cannot make a cache that is a file look like success', async () => {
    const file = join(cacheDir, 'file');
    await writeFile(file, '');
    expect(await errorOf({ cacheDir: file })).toMatchObject({ code: 'WEIGHT_WRITE' });
  });
});
