import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CancelledError, isNtkLensError } from '@ntk-lens/core';
import { startHub } from '@ntk-lens/testing/hub-server';
import { describe, expect, it } from 'vitest';
import {
  DownloadMismatchError,
  HubAccessError,
  HubEntryNotFoundError,
  HubProtocolError,
  HubUnavailableError,
  ModelNotFoundError,
} from '../../hub/errors.js';
import { resolveModel } from './resolve-model.js';
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

hubForEachTest();

// Packed before a server has to answer within its time.
const largeAnswer = gzipSync(Buffer.alloc(12_000_000, 32));
const largeFile = gzipSync(Buffer.alloc(1_000_000));

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
    ['JSON of another kind', /tree/, (r) => r.writeHead(200).end('{"a":1}'), HubProtocolError, /no list/],
    ['null', /revision/, (r) => r.writeHead(200).end('null'), HubProtocolError, /no commit/],
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
      'something other than HTTP',
      /^cdn/,
      (r) => r.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'),
      HubUnavailableError,
      /connection failed/,
    ],
    [
      'headers without end',
      /api/,
      (r) => r.socket?.end(`HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(8000)}\r\n`.repeat(20)}`),
      HubUnavailableError,
      /connection failed/,
    ],
    [
      'a chunk of the wrong length',
      /^cdn/,
      (r) => r.socket?.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n'),
      HubUnavailableError,
      /after \d of/,
    ],
    [
      'an answer that unpacks to more than it should',
      /tree/,
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(largeAnswer),
      HubProtocolError,
      /more than/,
    ],
    [
      'a file that unpacks to more than it should',
      /^cdn/,
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(largeFile),
      DownloadMismatchError,
      /more than/,
    ],
    [
      'a partial answer from another place',
      /^cdn/,
      (r) => r.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end('abc'),
      HubProtocolError,
      /another part \(bytes 7-9\/10\), expected the bytes from 0/,
    ],
    [
      'a listing without end',
      /tree/,
      (r) => r.writeHead(200, { link: `<${hub.endpoint}/api/models/${id}/tree/main>; rel="next"` }).end('[]'),
      HubProtocolError,
      /more than 10000 files or 20 pages/,
    ],
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
