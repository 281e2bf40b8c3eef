import { CancelledError, isNtkLensError } from '../errors.js';
import { failureOf, type Patience, pause } from './patience.js';
import { readBody } from './read-body.js';

/** Where the bytes of a transfer go, one after another. Its errors are typed. */
export interface ByteSink {
  write(chunk: Uint8Array, position: number): Promise<void> | void;
  /** Forgets what was written: the server sends the file from its start. */
  restart(): Promise<void> | void;
}

/** A server's answer to the wish for the bytes from a position. */
export interface Continuation {
  readonly response: Response;
  /** The first byte that is sent: the one that was asked for, or 0. */
  readonly from: number;
  /** Size of the file; a file of unknown size ends where its body ends. */
  readonly total?: number;
}

export interface ResumedTransfer {
  /** Asks for the bytes from `done` on; undefined where there are none. Its errors are typed, or those of the network. */
  request(done: number): Promise<Continuation | undefined>;
  readonly sink: ByteSink;
  readonly patience: Patience;
  /** Bytes that the sink has already. */
  readonly from?: number;
  /** The typed error of a transfer that is given up. */
  failed(reason: string, done: number, cause: unknown): Error;
  /** 100 if not given. */
  readonly maxConnections?: number;
  /** Called with the bytes that are there, from the start of the file. */
  onBytes?(done: number, total: number | undefined): void;
}

// A server that gives a few bytes per connection must not keep us for ever. A connection counts as a failed
// try unless it brings a hundredth of the file, or enough bytes to be worth its while.
const manyConnections = 100;
const enoughBytes = 2 ** 20;

/**
 * Gives all bytes of a file to a sink, going on where a connection ended early. Connections, and those in a row that bring
 * little, are counted.
 *
 * @throws CancelledError, what `failed` makes, and the typed errors of `request` and of the sink
 */
export const fetchResumed = async ({
  request,
  sink,
  patience,
  from = 0,
  failed,
  maxConnections = manyConnections,
  onBytes,
}: ResumedTransfer): Promise<void> => {
  const { signal, attempts, backoff } = patience;
  let done = from;
  let total: number | undefined;
  let fruitless = 0;
  onBytes?.(done, total);
  for (let connection = 1; ; connection++) {
    const before = done;
    let reason: string;
    let cause: unknown;
    try {
      const answer = await request(done);
      if (!answer) return;
      total = answer.total;
      if (answer.from !== done) {
        done = answer.from;
        await sink.restart();
      }
      onBytes?.(done, total);
      await readBody(answer.response, patience, async (chunk) => {
        await sink.write(chunk, done);
        done += chunk.length;
        onBytes?.(done, total);
      });
      if (total === undefined || done === total) return;
      reason = 'the connection ended early';
    } catch (error) {
      if (signal?.aborted) throw new CancelledError('The download');
      if (isNtkLensError(error)) throw error;
      reason = failureOf(error);
      cause = error;
    }
    if (total !== undefined && done === total) return;
    const enough = Math.min((total ?? Number.POSITIVE_INFINITY) / manyConnections, enoughBytes);
    fruitless = done - before >= enough ? 0 : fruitless + 1;
    if (fruitless >= attempts || connection >= maxConnections) throw failed(reason, done, cause);
    await pause(backoff * 2 ** fruitless, signal);
  }
};
