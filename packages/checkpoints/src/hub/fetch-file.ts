import { CancelledError, isNtkLensError } from '@ntk-lens/core';
import { DownloadMismatchError, HubUnavailableError } from './errors.js';
import type { HubFile } from './hub-api.js';
import { describe, type HubConnection, hubRequest, pause, type RequestSubject } from './hub-request.js';
import { readBody } from './read-body.js';

// A server that gives a few bytes per connection must not keep us for ever.
const maxConnections = 100;

/** Where the bytes of a download go, one after another. Its errors are typed. */
export interface ByteSink {
  write(chunk: Uint8Array, position: number): Promise<void> | void;
  /** Forgets what was written: the server sends the file from its start. */
  restart(): Promise<void> | void;
}

/**
 * Gives all bytes of a file to a sink, going on by range requests where a connection ends early.
 *
 * @param from bytes that the sink has already
 * @param onBytes called with the bytes that are there, from the start of the file
 * @throws HubUnavailableError, DownloadMismatchError, CancelledError, and those of `hubRequest` and of the sink
 */
export const fetchFile = async (
  url: string,
  file: HubFile,
  hub: HubConnection,
  subject: RequestSubject,
  sink: ByteSink,
  { from = 0, onBytes }: { readonly from?: number; readonly onBytes?: (done: number) => void } = {},
): Promise<void> => {
  let done = from;
  let idle = 0;
  onBytes?.(done);
  for (let connection = 0; done < file.size; connection++) {
    const before = done;
    try {
      const response = await hubRequest(url, done > 0 ? { range: `bytes=${done}-` } : {}, hub, subject);
      if (done > 0 && !continues(response, done)) {
        done = 0;
        await sink.restart();
      }
      await readBody(response, hub, async (chunk) => {
        if (done + chunk.length > file.size) {
          throw new DownloadMismatchError(url, `more than ${file.size} bytes`, `${file.size} bytes`);
        }
        await sink.write(chunk, done);
        done += chunk.length;
        onBytes?.(done);
      });
      if (done === file.size) return;
      if (done === before) throw new Error('the connection ended early');
    } catch (error) {
      if (hub.signal?.aborted) throw new CancelledError('The download');
      if (isNtkLensError(error)) throw error;
      idle = done > before ? 0 : idle + 1;
      if (idle >= hub.attempts || connection >= maxConnections) {
        throw new HubUnavailableError(url, `${describe(error, hub)} after ${done} of ${file.size} bytes`, {
          cause: error,
        });
      }
      await pause(hub.backoff * 2 ** idle, hub.signal);
    }
  }
};

/** True when the answer goes on where we stopped; a server may ignore the range and send everything. */
const continues = (response: Response, done: number): boolean =>
  response.status === 206 && (response.headers.get('content-range') ?? '').startsWith(`bytes ${done}-`);
