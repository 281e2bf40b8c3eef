import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { errorOf, hub, hubForEachTest, resolve, weightsWork } from './testing/setup.js';

hubForEachTest();

let proxy: Server;
let connected: string[];
let port: number;

beforeEach(async () => {
  connected = [];
  proxy = createServer((_, response) => response.writeHead(502).end());
  proxy.on('connect', (request, socket) => {
    connected.push(request.url!);
    const { hostname, port: target } = new URL(`http://${request.url}`);
    // Whatever the name, this is the only Hub there is.
    const onward = connect(
      Number(target || 80),
      hostname.endsWith('.invalid') ? '127.0.0.1' : hostname,
      () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket);
        socket.pipe(onward);
      },
    );
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  ({ port } = proxy.address() as AddressInfo);
});
afterEach(() => {
  proxy.closeAllConnections();
  proxy.close();
});

it('that the environment names carries every request, of the Hub and of its storage', async () => {
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port}`);
  const { port: hubPort } = new URL(hub.endpoint);
  await weightsWork((await resolve({ endpoint: `http://hub.invalid:${hubPort}` })).directory);
  expect(new Set(connected.map((address) => address.split(':')[0]))).toEqual(
    new Set(['hub.invalid', '127.0.0.1']),
  );
});

it.each(['127.0.0.1', '*', '.x, 127.0.0.1'])('is left out where NO_PROXY is %s', async (exceptions) => {
  vi.stubEnv('all_proxy', `127.0.0.1:${port}`);
  vi.stubEnv('NO_PROXY', exceptions);
  await weightsWork((await resolve()).directory);
  expect(connected).toEqual([]);
});

it('that is not there is an error without its password', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://user:secret@127.0.0.1:9');
  const error = (await errorOf({ attempts: 1 })) as Error;
  expect(error).toMatchObject({ code: 'HUB_UNAVAILABLE' });
  expect(error.message).not.toContain('secret');
  expect(error.message).toMatch(/ECONNREFUSED.*through the proxy 127\.0\.0\.1:9/);
});

it('that refuses is named with its answer', async () => {
  proxy.removeAllListeners('connect');
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  vi.stubEnv('HTTPS_PROXY', `http://user:secret@127.0.0.1:${port}`);
  const error = (await errorOf({ attempts: 1, endpoint: 'https://hub.invalid' })) as Error;
  expect(error.message).toMatch(/407.*through the proxy 127\.0\.0\.1:\d+/);
  expect(error.message).not.toContain('secret');
});
