import type * as Ort from 'onnxruntime-common';
import type { SessionMethod } from './session-client.js';

/** Memory for results. */
export interface Buffers {
  /** A buffer of arbitrary content, of so many bytes or a little more. */
  take(bytes: number): ArrayBuffer;
  /** False for a buffer that is not one of these. */
  giveBack(buffer: ArrayBufferLike): boolean;
}

type Tensors = Readonly<Record<string, Ort.Tensor>>;

/** Sessions that write their outputs into memory of the caller. */
export interface FillingSessions {
  create(model: Uint8Array, options: Ort.InferenceSession.SessionOptions): Promise<Ort.InferenceSession>;
  /** Runs a session of {@link create} and writes its outputs, all of which `fetches` names, into those tensors. */
  fill(session: Ort.InferenceSession, feeds: Tensors, fetches: Tensors): Promise<void>;
}

export interface HostOptions {
  readonly sessionOptions: Ort.InferenceSession.SessionOptions;
  /** With these, results are written into memory of the host. Absent where onnxruntime-web writes them where it wants. */
  readonly results?: {
    /** The memory of released tensors. */
    readonly pool: Buffers;
    readonly sessions: FillingSessions;
  };
}

/** Sessions and tensors of one ONNX Runtime. */
export interface SessionHost {
  call(method: SessionMethod, args: readonly unknown[]): Promise<unknown>;
}

export const createSessionHost: (
  ort: Pick<typeof Ort, 'InferenceSession' | 'Tensor'>,
  options: HostOptions,
) => SessionHost;
