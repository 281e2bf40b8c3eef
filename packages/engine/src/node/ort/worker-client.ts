import { Worker } from 'node:worker_threads';
import { RuntimeStoppedError } from '../../errors.js';
import type { SessionClient, SessionMethod } from '../../ort/session-client.js';
import type { RuntimeName } from '../../runtime-names.js';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface WorkerOptions {
  readonly runtime: RuntimeName;
  /** Folder of the package with ONNX Runtime's binding. */
  readonly library: string;
  readonly executionProvider: string;
  readonly threads: number;
  /** Called once the thread has ended. */
  readonly onEnd?: () => void;
}

/**
 * Calls a session host on a thread of its own, `ort-worker.js`. The thread is asked to end, never terminated: where
 * ONNX Runtime comes back from a program into a terminated thread, its binding aborts the whole process.
 */
export class WorkerClient implements SessionClient {
  readonly #worker: Worker;
  readonly #exited: Promise<unknown>;
  /** 1 once closed; read by the thread before each request, also by those that were sent before. */
  readonly #closing = new Int32Array(new SharedArrayBuffer(4));
  readonly #runtime: RuntimeName;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #stopped: RuntimeStoppedError | undefined;

  constructor(
    { runtime, library, executionProvider, threads, onEnd }: WorkerOptions,
    script = new URL('./ort-worker.js', import.meta.url),
  ) {
    this.#runtime = runtime;
    this.#worker = new Worker(script, {
      workerData: { library, executionProvider, threads, closing: this.#closing },
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (message: { id: number; result?: unknown; error?: string }) => {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (this.#pending.size === 0 && !this.#stopped) this.#worker.unref();
      if (message.error === undefined) pending?.resolve(message.result);
      else pending?.reject(new Error(message.error));
    });
    this.#worker.on('error', (cause) => this.#stop(`its thread failed: ${cause.message}`, cause));
    this.#worker.on('exit', (code) => {
      this.#stop(`its thread ended with exit code ${code}.`);
      onEnd?.();
    });
    // An idle runtime that nobody closed must not keep the process alive.
    this.#worker.unref();
  }

  call<T>(
    method: SessionMethod,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<T> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, method, args }, transfer);
    });
  }

  post(method: 'forget' | 'release', args: readonly unknown[]): void {
    if (!this.#stopped) this.#worker.postMessage({ method, args });
  }

  /** Calls that wait are rejected at once; resolves when the program that runs has ended, and the thread with it. */
  async close(): Promise<void> {
    if (!this.#stopped) {
      this.#stop('it was closed.');
      Atomics.store(this.#closing, 0, 1);
      this.#worker.ref();
      this.#worker.postMessage({ method: 'close' });
    }
    await this.#exited;
  }

  #stop(why: string, cause?: unknown): void {
    this.#stopped ??= new RuntimeStoppedError(this.#runtime, why, { cause });
    for (const pending of this.#pending.values()) pending.reject(this.#stopped);
    this.#pending.clear();
  }
}
