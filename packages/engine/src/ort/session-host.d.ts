import type * as Ort from 'onnxruntime-common';
import type { SessionMethod } from './session-client.js';

export interface HostOptions {
  readonly sessionOptions: Ort.InferenceSession.SessionOptions;
  /**
   * The caller shares the host's memory. Outputs then do not go into buffers of released tensors, which onnxruntime-web
   * could not do.
   */
  readonly sameThread: boolean;
}

/** Sessions and tensors of one ONNX Runtime. */
export interface SessionHost {
  call(method: SessionMethod, args: readonly unknown[]): Promise<unknown>;
}

export const createSessionHost: (
  ort: Pick<typeof Ort, 'InferenceSession' | 'Tensor'>,
  options: HostOptions,
) => SessionHost;
