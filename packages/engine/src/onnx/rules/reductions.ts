import type { LoweringRule, LoweringRules } from './rule.js';

const reduceOps: { readonly [op: string]: string } = {
  Sum: 'ReduceSum',
  Mean: 'ReduceMean',
  Max: 'ReduceMax',
  Min: 'ReduceMin',
  Prod: 'ReduceProd',
};

/** Rules for operations that reduce or normalize along axes. */
export const reductionRules: LoweringRules = {
  ...Object.fromEntries(
    Object.entries(reduceOps).map(([op, onnx]): [string, LoweringRule] => [
      op,
      (node, { emit, inputs, ints }) => {
        const axes = node.attrs['axes'] as readonly number[];
        return emit(onnx, [inputs[0]!, ints(axes)], { keepdims: node.attrs['keepDims'] ? 1 : 0 });
      },
    ]),
  ),
  Softmax: (_, { emit, inputs }) => emit('Softmax', inputs, { axis: -1 }),
  LogSoftmax: (_, { emit, inputs }) => emit('LogSoftmax', inputs, { axis: -1 }),
};
