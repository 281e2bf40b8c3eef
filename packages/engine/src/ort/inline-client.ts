import type * as Ort from 'onnxruntime-common';
import { RuntimeStoppedError } from '../errors.js';
import type { AnyRuntimeName } from '../runtime.js';
import type { SessionClient, SessionMethod } from './session-client.js';
import { createSessionHost, type HostOptions, type SessionHost } from './session-host.js';

/** Calls a session host on the thread of the caller. */
export class InlineClient implements SessionClient {
  readonly #host: SessionHost;
  readonly #runtime: AnyRuntimeName;
  #queue: Promise<unknown> = Promise.resolve();
  #stopped: RuntimeStoppedError | undefined;

  constructor(
    runtime: AnyRuntimeName,
    ort: Pick<typeof Ort, 'InferenceSession' | 'Tensor'>,
    options: HostOptions,
  ) {
    this.#runtime = runtime;
    this.#host = createSessionHost(ort, options);
  }

  call<T>(method: SessionMethod, args: readonly unknown[]): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#stopped) throw this.#stopped;
      return this.#host.call(method, args) as Promise<T>;
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  post(method: 'forget' | 'release', args: readonly unknown[]): void {
    void this.call(method, args).catch(() => {});
  }

  async close(): Promise<void> {
    this.#stopped ??= new RuntimeStoppedError(this.#runtime, 'it was closed.');
    await this.#queue;
  }
}
