import type { OnnxDType } from '../model-proto.js';
import type { LoweringRules } from './rule.js';

/** Rules for operations that choose elements by index. */
export const indexingRules: LoweringRules = {
  GatherV2: (node, { emit, inputs }) => emit('Gather', inputs, { axis: node.attrs['axis'] as number }),
  // ScatterND would take whole rows, but ONNX Runtime adds from several threads at once and loses sums of equal indices.
  UnsortedSegmentSum: (node, { emit, inputs: [x, ids], inputNodes: [source, segments], ints, constant }) => {
    const zeros = emit('Expand', [constant([0], node.dtype as OnnxDType, []), ints(node.shape)]);
    const column = ints([...segments!.shape, ...source!.shape.slice(1).map(() => 1)]);
    const indices = emit('Expand', [emit('Reshape', [ids!, column]), ints(source!.shape)]);
    return emit('ScatterElements', [zeros, indices, x!], { axis: 0, reduction: 'add' });
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
