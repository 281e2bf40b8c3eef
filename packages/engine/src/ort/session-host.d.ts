import type * as Ort from 'onnxruntime-common';
import type { SessionMethod } from './session-client.js';

/** Memory for results. */
export interface Buffers {
  /** A buffer of arbitrary content, of so many bytes or a little more. */
  take(bytes: number): ArrayBuffer;
  /** False for a buffer that is not one of these. */
  giveBack(buffer: ArrayBufferLike): boolean;
}

export interface HostOptions {
  readonly sessionOptions: Ort.InferenceSession.SessionOptions;
  /**
   * Where results are written, in the memory of released tensors. Absent where the caller shares the host's memory:
   * onnxruntime-web writes them where it wants.
   */
  readonly pool?: Buffers;
}

/** Sessions and tensors of one ONNX Runtime. */
export interface SessionHost {
  call(method: SessionMethod, args: readonly unknown[]): Promise<unknown>;
}

export const createSessionHost: (
  ort: Pick<typeof Ort, 'InferenceSession' | 'Tensor'>,
  options: HostOptions,
) => SessionHost;
