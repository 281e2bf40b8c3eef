import type * as Ort from 'onnxruntime-common';
import type { FillingSessions } from '../../ort/session-host.js';

/** Sessions of one ONNX Runtime whose outputs are written without a copy; see `filling-sessions.js`. */
export const createFillingSessions: (ort: Pick<typeof Ort, 'InferenceSession' | 'Tensor'>) => FillingSessions;
