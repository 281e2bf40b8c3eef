import { type OnnxDType, onnxDType } from '../model-proto.js';
import type { LoweringRules } from './rule.js';

/** Rules for operations that choose elements by index. */
export const indexingRules: LoweringRules = {
  GatherV2: (node, { emit, inputs }) => emit('Gather', inputs, { axis: node.attrs['axis'] as number }),
  UnsortedSegmentSum: (node, { emit, inputs: [x, ids], inputNodes: [, segments], ints, constant }) => {
    const zeros = emit('Expand', [constant([0], node.dtype as OnnxDType, []), ints(node.shape)]);
    const int64 = emit('Cast', [ids!], { to: onnxDType.int64 });
    const indices = emit('Reshape', [int64, ints([...segments!.shape, 1])]);
    return emit('ScatterND', [zeros, indices, x!], { reduction: 'add' });
  },
  OneHot: (node, { emit, inputs: [indices], inputNodes: [source], ints, constant }) => {
    const { depth, onValue, offValue } = node.attrs as { depth: number; onValue: number; offValue: number };
    const column = emit('Reshape', [indices!, ints([...source!.shape, 1])]);
    const numbers = constant(
      Array.from({ length: depth }, (_, i) => i),
      'int32',
      [depth],
    );
    const dtype = node.dtype as OnnxDType;
    return emit('Where', [
      emit('Equal', [column, numbers]),
      constant([onValue], dtype, []),
      constant([offValue], dtype, []),
    ]);
  },
};
