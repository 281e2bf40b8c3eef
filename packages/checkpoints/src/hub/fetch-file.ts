import { CancelledError, isNtkLensError } from '@ntk-lens/core';
import { DownloadMismatchError, HubProtocolError, HubUnavailableError } from './errors.js';
import type { HubFile } from './hub-api.js';
import { describe, type HubConnection, hubRequest, pause, type RequestSubject } from './hub-request.js';
import { readBody } from './read-body.js';

// A server that gives a few bytes per connection must not keep us for ever: a connection counts as a failed try unless it
// brings a hundredth of the file, or as much as makes it worth its while.
const maxConnections = 100;
const enoughBytes = 2 ** 20;

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
 * @throws HubUnavailableError, HubProtocolError, DownloadMismatchError, CancelledError, and those of `hubRequest` and of the sink
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
  let fruitless = 0;
  onBytes?.(done);
  for (let connection = 1; done < file.size; connection++) {
    const before = done;
    let reason: string;
    let cause: unknown;
    try {
      const response = await hubRequest(url, done > 0 ? { range: `bytes=${done}-` } : {}, hub, subject);
      if (response.status === 206 && !continues(response, done)) {
        await response.body?.cancel();
        const range = response.headers.get('content-range')?.slice(0, 80) ?? 'no content-range';
        throw new HubProtocolError(url, `another part (${range})`, `the bytes from ${done}`);
      }
      if (done > 0 && response.status !== 206) {
        // The server ignores ranges and sends everything.
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
      reason = 'the connection ended early';
    } catch (error) {
      if (hub.signal?.aborted) throw new CancelledError('The download');
      if (isNtkLensError(error)) throw error;
      reason = describe(error);
      cause = error;
    }
    if (done === file.size) return;
    fruitless = done - before >= Math.min(file.size / maxConnections, enoughBytes) ? 0 : fruitless + 1;
    if (fruitless >= hub.attempts || connection >= maxConnections) {
      throw new HubUnavailableError(url, `${reason} after ${done} of ${file.size} bytes`, { cause });
    }
    await pause(hub.backoff * 2 ** fruitless, hub.signal);
  }
};

/** True when the answer goes on where we stopped. */
const continues = (response: Response, done: number): boolean =>
  (response.headers.get('content-range') ?? '').startsWith(`bytes ${done}-`);
