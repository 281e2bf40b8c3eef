import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError } from '@ntk-lens/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileServer, serve } from '../../testing/file-server.js';
import {
  ChecksumError,
  HttpStatusError,
  OversizedDownloadError,
  TruncatedDownloadError,
  UnreachableError,
} from './errors.js';
import { fetchToFile } from './fetch-to-file.js';

const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');
let server: Awaited<ReturnType<typeof fileServer>>;
let dir: string;
beforeAll(async () => {
  server = await fileServer();
});
afterAll(() => server.close());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ntk-lens-fetch-'));
  server.requests.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const get = (extra: Partial<Parameters<typeof fetchToFile>[0]> = {}) =>
  fetchToFile({
    url: `${server.origin}/file.bin`,
    name: 'https://public.example/file.bin',
    target: join(dir, 'file.bin'),
    expected: { sha256, origin: 'published' },
    retries: 0,
    ...extra,
  });

/** Breaks the connection each time another 12,000 bytes have arrived. */
const breaker = (): ((event: { done: number }) => void) => {
  const seen = new Set([0]);
  return ({ done }) => {
    if (done % 12_000 !== 0 || seen.has(done)) return;
    seen.add(done);
    server.breakConnections();
  };
};

it('a download leaves the file and nothing else, and reports its progress', async () => {
  server.handle = serve(bytes);
  const seen: number[] = [];
  expect(await get({ onProgress: ({ done, total }) => seen.push(done / (total ?? 1)) })).toEqual({
    bytes: bytes.length,
    sha256,
  });
  expect(readdirSync(dir)).toEqual(['file.bin']);
  expect(readFileSync(join(dir, 'file.bin')).equals(bytes)).toBe(true);
  expect(seen.at(0)).toBe(0);
  expect(seen.at(-1)).toBe(1);
});

describe('a connection that breaks', () => {
  it('is resumed within the call', async () => {
    let cuts = 0;
    server.handle = (request, response) => serve(bytes, cuts++ < 2 ? { cut: 12_000 } : {})(request, response);
    expect((await get({ retries: 2, onProgress: breaker() })).sha256).toBe(sha256);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=12000-', 'bytes=24000-']);
  });
  it('is an error when it keeps breaking; the next call resumes', async () => {
    server.handle = serve(bytes, { cut: 12_000 });
    await expect(get({ onProgress: breaker() })).rejects.toThrow(TruncatedDownloadError);
    expect(existsSync(join(dir, 'file.bin'))).toBe(false);
    server.handle = serve(bytes);
    expect((await get()).sha256).toBe(sha256);
    expect(server.requests.at(-1)?.range).toBe('bytes=12000-');
    expect(readdirSync(dir)).toEqual(['file.bin']);
  });
  it('starts over when the file has changed meanwhile, or the server knows no ranges', async () => {
    for (const change of [{ etag: '"v2"' }, { ranges: false }]) {
      server.handle = serve(Buffer.alloc(50_000), { cut: 12_000 });
      await expect(get({ onProgress: breaker() })).rejects.toThrow(TruncatedDownloadError);
      server.handle = serve(bytes, change);
      expect((await get()).sha256).toBe(sha256);
    }
  });
  it('does not trust a part of another address', async () => {
    writeFileSync(join(dir, 'file.bin.part'), 'something else');
    writeFileSync(
      join(dir, 'file.bin.part.json'),
      JSON.stringify({ url: 'http://other/', validator: '"v1"' }),
    );
    server.handle = serve(bytes);
    expect((await get()).sha256).toBe(sha256);
    expect(server.requests[0]?.range).toBeUndefined();
  });
});

it('a part that was whole already is taken as it is', async () => {
  writeFileSync(join(dir, 'file.bin.part'), bytes);
  const url = `${server.origin}/file.bin`;
  writeFileSync(join(dir, 'file.bin.part.json'), JSON.stringify({ url, validator: '"v1"' }));
  server.handle = (_, response) =>
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  expect((await get()).sha256).toBe(sha256);
});

it('a server that sends a few bytes a second is left', async () => {
  server.handle = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: '"v1"' });
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drip));
  };
  await expect(get({ stallTimeout: 150 })).rejects.toThrow(TruncatedDownloadError);
});

it('a part of another place is refused', async () => {
  server.handle = serve(bytes, { cut: 12_000 });
  await expect(get({ onProgress: breaker() })).rejects.toThrow(TruncatedDownloadError);
  let requests = 0;
  server.handle = (_, response) => {
    requests++;
    response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}`, etag: '"v1"' }).end('0123456789');
  };
  await expect(get({ retries: 5 })).rejects.toThrow(HttpStatusError);
  expect(requests).toBe(1);
});

describe('what is not the file is refused, and nothing of it is kept', () => {
  const nothingKept = (): void => expect(readdirSync(dir)).toEqual([]);
  it('another content', async () => {
    server.handle = serve(Buffer.alloc(50_000));
    await expect(get()).rejects.toThrow(ChecksumError);
    await expect(get()).rejects.toThrow(/public\.example.*expected [0-9a-f]{64} \(published\)/);
    nothingKept();
  });
  it('a longer file than published, announced or not', async () => {
    server.handle = serve(bytes);
    await expect(get({ bytes: 40_000 })).rejects.toThrow(OversizedDownloadError);
    server.handle = (_, response) => {
      response.writeHead(200);
      response.end(bytes);
    };
    await expect(get({ bytes: 40_000 })).rejects.toThrow(OversizedDownloadError);
    nothingKept();
  });
  it('a status that is no success', async () => {
    for (const status of [404, 403, 500]) {
      server.handle = (_, response) => response.writeHead(status).end('<html>');
      await expect(get()).rejects.toThrow(HttpStatusError);
    }
    await expect(get()).rejects.toThrow(/found HTTP status 500, expected 200\. Try again/);
    nothingKept();
  });
});

it('a network that is not there is named', async () => {
  const gone = await fileServer();
  await gone.close();
  await expect(get({ url: `${gone.origin}/file.bin` })).rejects.toThrow(UnreachableError);
  await expect(get({ url: `${gone.origin}/file.bin` })).rejects.toThrow(
    /public\.example.*ECONNREFUSED.*Check the network/,
  );
});

it('cancelling keeps what arrived', async () => {
  const controller = new AbortController();
  server.handle = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: '"v1"' });
    response.write(bytes.subarray(0, 20_000));
  };
  const onProgress = ({ done }: { done: number }): void => {
    if (done > 0) controller.abort();
  };
  await expect(get({ signal: controller.signal, onProgress })).rejects.toThrow(CancelledError);
  server.handle = serve(bytes);
  expect((await get()).sha256).toBe(sha256);
  expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
  await expect(get({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
});
