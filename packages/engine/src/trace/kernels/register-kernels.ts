import * as tf from '@ntk-lens/tfjs';
import { type Recorder, TRACER_BACKEND, type Traced, theRecorder } from '../recorder.js';
import { elementwiseKernels } from './elementwise.js';
import { indexingKernels } from './indexing.js';
import { layoutKernels } from './layout.js';
import { productKernels } from './products.js';
import type { Attrs, KernelRecords } from './record.js';
import { reductionKernels } from './reductions.js';

/** Every tfjs kernel that can be traced. */
const tracedKernels: KernelRecords = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...layoutKernels,
  ...indexingKernels,
  ...productKernels,
};

/** Input names in the order of the recording functions, where tfjs passes several in no order of its own. */
const inputOrder: { readonly [kernel: string]: readonly string[] } = {
  GatherV2: ['x', 'indices'],
  UnsortedSegmentSum: ['x', 'segmentIds'],
  Select: ['condition', 't', 'e'],
};

let registered = false;

/** Registers the recording kernels with tfjs; does nothing the second time. */
export const registerTraceKernels = (): void => {
  if (registered) return;
  registered = true;
  theRecorder();
  for (const [kernelName, record] of Object.entries(tracedKernels)) {
    const names = inputOrder[kernelName];
    tf.registerKernel({
      kernelName,
      backendName: TRACER_BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const values = names ? names.map((name) => inputs[name]) : Object.values(inputs);
        return record(backend as Recorder, values as Traced[], (attrs ?? {}) as Attrs);
      },
    });
  }
};
