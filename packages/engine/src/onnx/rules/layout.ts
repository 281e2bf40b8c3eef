import type { OnnxDType } from '../model-proto.js';
import type { LoweringRules } from './rule.js';

/** Rules for operations that move or repeat elements without computing with them. */
export const layoutRules: LoweringRules = {
  Reshape: (node, { emit, inputs: [x], ints }) => emit('Reshape', [x!, ints(node.shape)]),
  BroadcastTo: (node, { emit, inputs: [x], ints }) => emit('Expand', [x!, ints(node.shape)]),
  Transpose: (node, { emit, inputs }) => emit('Transpose', inputs, { perm: node.attrs['perm'] as number[] }),
  Tile: (node, { emit, inputs: [x], ints }) => emit('Tile', [x!, ints(node.attrs['reps'] as number[])]),
  Concat: (node, { emit, inputs }) => emit('Concat', inputs, { axis: node.attrs['axis'] as number }),
  Slice: (node, { emit, inputs: [x], inputNodes: [source], ints }) => {
    const begin = node.attrs['begin'] as readonly number[];
    const axes = begin.map((_, axis) => axis).filter((axis) => node.shape[axis] !== source!.shape[axis]);
    const starts = axes.map((axis) => begin[axis]!);
    const ends = axes.map((axis) => begin[axis]! + node.shape[axis]!);
    return emit('Slice', [x!, ints(starts), ints(ends), ints(axes)]);
  },
  // A slice from the last element to before the first, backwards.
  Reverse: (node, { emit, inputs: [x], ints }) => {
    const axes = node.attrs['axes'] as readonly number[];
    const each = (value: (axis: number) => number) => ints(axes.map(value));
    return emit('Slice', [
      x!,
      each(() => -1),
      each((axis) => -1 - node.shape[axis]!),
      ints(axes),
      each(() => -1),
    ]);
  },
  PadV2: (node, { emit, inputs: [x], ints, constant }) => {
    const paddings = node.attrs['paddings'] as readonly (readonly [number, number])[];
    const pads = [...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])];
    const value = constant([Number(node.attrs['value'])], node.dtype as OnnxDType, []);
    return emit('Pad', [x!, ints(pads), value]);
  },
};
