import { type ByteSink, fetchResumed } from '@ntk-lens/core';
import { DownloadMismatchError, HubProtocolError, HubUnavailableError } from './errors.js';
import type { HubFile } from './hub-api.js';
import { type HubConnection, hubRequest, type RequestSubject } from './hub-request.js';

/**
 * Gives all bytes of a file to a sink, going on by range requests where a connection ends early.
 *
 * @param from bytes that the sink has already
 * @param onBytes called with the bytes that are there, from the start of the file
 * @throws HubUnavailableError, HubProtocolError, DownloadMismatchError, CancelledError, and those of `hubRequest` and of
 *   the sink
 */
export const fetchFile = async (
  url: string,
  file: HubFile,
  hub: HubConnection,
  subject: RequestSubject,
  sink: ByteSink,
  { from = 0, onBytes }: { readonly from?: number; readonly onBytes?: (done: number) => void } = {},
): Promise<void> => {
  const { size: total } = file;
  await fetchResumed({
    patience: hub,
    from,
    onBytes,
    request: async (done) => {
      if (done === total) return undefined;
      const response = await hubRequest(url, done > 0 ? { range: `bytes=${done}-` } : {}, hub, subject);
      // A server that ignores ranges sends everything.
      if (response.status !== 206) return { response, from: 0, total };
      const range = response.headers.get('content-range') ?? 'no content-range';
      if (range.startsWith(`bytes ${done}-`)) return { response, from: done, total };
      await response.body?.cancel();
      throw new HubProtocolError(url, `another part (${range.slice(0, 80)})`, `the bytes from ${done}`);
    },
    sink: {
      restart: () => sink.restart(),
      write: (chunk, position) => {
        if (position + chunk.length > total)
          throw new DownloadMismatchError(url, `more than ${total} bytes`, `${total} bytes`);
        return sink.write(chunk, position);
      },
    },
    failed: (reason, done, cause) =>
      new HubUnavailableError(url, subject, `${reason} after ${done} of ${total} bytes`, { cause }),
  });
};
