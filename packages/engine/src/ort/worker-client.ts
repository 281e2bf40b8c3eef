import { Worker } from 'node:worker_threads';

/** Methods of `ort-worker.js`. */
type Method = 'compile' | 'upload' | 'download' | 'run' | 'compute';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls the methods of `ort-worker.js` on its thread. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #closed = false;

  constructor(options: { readonly executionProvider: string; readonly threads: number }) {
    this.#worker = new Worker(new URL('./ort-worker.js', import.meta.url), { workerData: options });
    this.#worker.on('message', (message: { id: number; result?: unknown; error?: string }) => {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (this.#pending.size === 0) this.#worker.unref();
      if (message.error === undefined) pending?.resolve(message.result);
      else pending?.reject(new Error(message.error));
    });
    const fail = (error: Error) => {
      for (const pending of this.#pending.values()) pending.reject(error);
      this.#pending.clear();
    };
    this.#worker.on('error', fail);
    this.#worker.on('exit', (code) => fail(new Error(`The ONNX Runtime thread ended (exit code ${code}).`)));
    // An idle runtime that nobody closed must not keep the process alive.
    this.#worker.unref();
  }

  call<T>(method: Method, args: readonly unknown[], transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('The runtime is closed.'));
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, method, args }, transfer);
    });
  }

  /** Drops tensors; takes its turn after the calls made before. */
  release(tensors: readonly number[]): void {
    if (!this.#closed) this.#worker.postMessage({ release: tensors });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }
}
