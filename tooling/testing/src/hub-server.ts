import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small server that speaks the Hub's paths, for tests; a fault may answer instead of it. */
export interface TestHub {
  readonly endpoint: string;
  /** Requests so far: method-less paths with their range, in order. */
  readonly requests: string[];
  /** Authorization headers seen, by origin. */
  readonly tokens: { readonly hub: Set<string>; readonly cdn: Set<string> };
  /** Answers instead of the server when it returns true. */
  fault: (request: IncomingMessage, response: ServerResponse, path: string) => boolean;
  close(): Promise<void>;
}

export const commit = '0123456789abcdef0123456789abcdef01234567';

/**
 * @param files name → bytes; those in `large` are served as LFS files from another origin
 */
export const startHub = async (
  model: string,
  files: ReadonlyMap<string, Uint8Array>,
  large: (name: string) => boolean,
): Promise<TestHub> => {
  const requests: string[] = [];
  const tokens = { hub: new Set<string>(), cdn: new Set<string>() };
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const gitSha1 = (bytes: Uint8Array) =>
    createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const json = (response: ServerResponse, value: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const missing = (response: ServerResponse, status: number, code: string) =>
    response.writeHead(status, { 'x-error-code': code }).end(code);
  const serve = (
    bytes: Uint8Array,
    request: IncomingMessage,
    response: ServerResponse,
    headers: Record<string, string>,
  ) => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    const part = Number.isNaN(from) ? bytes : bytes.subarray(from);
    if (!Number.isNaN(from))
      response.setHeader('content-range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(Number.isNaN(from) ? 200 : 206, {
      ...headers,
      'accept-ranges': 'bytes',
      'content-length': part.length,
    });
    response.end(part);
  };
  const hub: TestHub = {
    endpoint: '',
    requests,
    tokens,
    fault: () => false,
    close: async () => {
      for (const server of [main, cdn]) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
  const main = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname);
    requests.push(`${path}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    tokens.hub.add(request.headers.authorization ?? '');
    if (hub.fault(request, response, path)) return;
    const api = new RegExp(`^/api/models/${model}/(revision|tree)/(.*)$`).exec(path);
    const file = new RegExp(`^/${model}/resolve/([^/]+)/(.*)$`).exec(path);
    if (!api && !file) return missing(response, 401, 'RepoNotFound');
    const revision = (api ? api[2] : file?.[1]) ?? '';
    if (!['main', 'v1', commit].includes(revision)) return missing(response, 404, 'RevisionNotFound');
    if (api?.[1] === 'revision')
      return json(response, { _id: '1', id: model, sha: commit, lastModified: '2020-01-01' });
    if (api) {
      return json(
        response,
        [...files].map(([path, bytes]) => ({
          type: 'file',
          path,
          size: bytes.length,
          oid: gitSha1(bytes),
          lfs: large(path) ? { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } : undefined,
        })),
      );
    }
    const bytes = files.get(file?.[2] ?? '');
    if (bytes === undefined) return missing(response, 404, 'EntryNotFound');
    const name = file?.[2] ?? '';
    if (!large(name))
      return serve(bytes, request, response, { etag: `"${gitSha1(bytes)}"`, 'x-repo-commit': commit });
    const { port } = cdn.address() as AddressInfo;
    response.writeHead(302, {
      location: `http://127.0.0.1:${port}/${name}`,
      'x-repo-commit': commit,
      'x-linked-etag': `"${sha256(bytes)}"`,
      'x-linked-size': String(bytes.length),
    });
    response.end();
  });
  const cdn = createServer((request, response) => {
    const path = new URL(request.url!, 'http://x').pathname;
    requests.push(`cdn ${path}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    tokens.cdn.add(request.headers.authorization ?? '');
    if (hub.fault(request, response, `cdn ${path}`)) return;
    serve(files.get(path.slice(1)) ?? new Uint8Array(), request, response, {});
  });
  for (const server of [main, cdn]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return Object.assign(hub, { endpoint: `http://127.0.0.1:${(main.address() as AddressInfo).port}` });
};
