import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A local HTTP server whose answers a test can change as it goes. */
export const fileServer = async (): Promise<{
  readonly origin: string;
  readonly requests: { path: string; range: string | undefined }[];
  handle: Handler;
  /** Ends every connection now. */
  breakConnections(): void;
  close(): Promise<void>;
}> => {
  const state = {
    origin: '',
    requests: [] as { path: string; range: string | undefined }[],
    handle: ((_, response) => response.writeHead(404).end()) as Handler,
    breakConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer((request, response) => {
    state.requests.push({ path: request.url ?? '', range: request.headers.range });
    state.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
};

/** Serves bytes with an ETag, honouring `Range` and `If-Range`; `cut` sends only so many bytes and hangs. */
export const serve =
  (bytes: Uint8Array, options: { etag?: string; cut?: number; ranges?: boolean } = {}): Handler =>
  (request, response) => {
    const { etag = '"v1"', cut, ranges = true } = options;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const start = ranges && range && request.headers['if-range'] === etag ? Number(range[1]) : 0;
    const headers: Record<string, string | number> = { 'content-length': bytes.length - start, etag };
    if (start > 0) headers['content-range'] = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(start > 0 ? 206 : 200, headers);
    if (cut === undefined) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, start + cut));
  };
