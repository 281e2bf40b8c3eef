/** Memory of released tensors, kept for the next ones; see `buffer-pool.js`. */
export declare class BufferPool {
  take(bytes: number): ArrayBuffer;
  giveBack(buffer: ArrayBufferLike): void;
}
