import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  type NamedTensorInfoMap,
  registerKernel,
  type TypedArray,
  UnsortedSegmentSum,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

/**
 * Sums of the rows of each segment, in one pass over the rows. The backend's own kernel compares all rows with each
 * segment, so the gradient of an embedding takes its whole vocabulary times the rows. The sums are the same to the bit:
 * both add in float64, from the first row to the last.
 */
const segmentSum = (rows: TypedArray, ids: TypedArray, segments: number, width: number): Float32Array => {
  const sums = new Float64Array(segments * width);
  for (const [row, id] of ids.entries()) {
    if (id < 0 || id >= segments) continue;
    for (let j = 0; j < width; j++) sums[id * width + j]! += rows[row * width + j]!;
  }
  return Float32Array.from(sums);
};

unregisterKernel(UnsortedSegmentSum, 'cpu');
registerKernel({
  kernelName: UnsortedSegmentSum,
  backendName: 'cpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, segmentIds } = inputs as NamedTensorInfoMap;
    const { numSegments } = attrs as { readonly numSegments: number };
    const cpu = backend as MathBackendCPU;
    const valuesOf = (dataId: object): TypedArray => cpu.data.get(dataId).values as TypedArray;
    const inner = x!.shape.slice(1);
    const width = inner.reduce((product, n) => product * n, 1);
    const sums = segmentSum(valuesOf(x!.dataId), valuesOf(segmentIds!.dataId), numSegments, width);
    return cpu.makeTensorInfo([numSegments, ...inner], 'float32', sums);
  },
});
