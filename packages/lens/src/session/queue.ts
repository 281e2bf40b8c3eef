import { throwIfCancelled } from '@ntk-lens/core';

/** Work that is done one piece at a time, in the order in which it came. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Waits for its turn, then works. A piece whose signal fires while it waits leaves the queue.
   *
   * @param what names the work in the message of CancelledError
   * @throws CancelledError; what `work` throws
   */
  run<T>(what: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const turn = this.#last;
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    signal?.addEventListener('abort', leave, { once: true });
    // A signal that has fired tells nobody again.
    if (signal?.aborted) leave();
    const result = Promise.race([turn, left])
      .finally(() => signal?.removeEventListener('abort', leave))
      .then(() => {
        throwIfCancelled(signal, what);
        return work();
      });
    // The next piece waits for this one, and for those before it where this one left. No result is kept.
    this.#last = Promise.allSettled([turn, result]).then(() => {});
    return result;
  }

  /** Resolves when everything that is in the queue now is done. */
  async drained(): Promise<void> {
    await this.#last;
  }
}
