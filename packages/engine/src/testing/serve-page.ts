import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Files of a page by path, e.g. `/page.js`. */
export type PageFiles = Readonly<
  Record<string, { readonly type: string; readonly body: Uint8Array | string }>
>;

/** Serves a page on a free local port; any other path is 404. */
export const servePage = async (
  files: PageFiles,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  const server: Server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};
