import type { Runtime } from '@ntk-lens/engine';
import { Queue } from './queue.js';

/**
 * A runtime that several sessions use. It is opened by the first work that needs it and closed with the last session; work
 * of all of them waits in one queue, so that one memory budget holds for all.
 */
export class SharedRuntime {
  readonly queue = new Queue();
  #opened: Promise<Runtime> | undefined;
  #leases = 0;
  readonly #open: () => Promise<Runtime>;

  /**
   * @param name as it was asked for: a runtime's name, or `auto`
   * @param threads as they were asked for; undefined: all cores
   */
  constructor(
    readonly name: string,
    readonly threads: number | undefined,
    open: () => Promise<Runtime>,
  ) {
    this.#open = open;
  }

  /** The runtime, opened with the first call. */
  open(): Promise<Runtime> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** Counts a session in; the function that is returned counts it out, and closes the runtime after the last one. */
  lease(): () => Promise<void> {
    this.#leases++;
    let held = true;
    return async () => {
      if (!held) return;
      held = false;
      this.#leases--;
      if (this.#leases > 0) return;
      const opened = await this.#opened?.catch(() => undefined);
      this.#opened = undefined;
      await opened?.close();
    };
  }

  /** Work on the runtime without a session; it is closed after, unless a session has it. */
  async use<T>(work: (runtime: Runtime) => Promise<T>): Promise<T> {
    const release = this.lease();
    try {
      return await work(await this.open());
    } finally {
      await release();
    }
  }
}
