/** Memory of released tensors, kept for the next ones; see `buffer-pool.js`. */
export declare class BufferPool {
  /** @param least bytes that buffers may take together however little was in use at once */
  constructor(least?: number);
  take(bytes: number): ArrayBuffer;
  giveBack(buffer: ArrayBufferLike): boolean;
}
