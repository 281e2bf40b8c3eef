import type { DTypeArrays } from '@ntk-lens/core';
import { sizeOf } from '@ntk-lens/core';
import type { TensorRef } from './pickle/pickle-values.js';

/** True when a tensor's elements lie in C order without gaps. */
export const isContiguous = ({ shape, strides }: TensorRef): boolean => {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] === 0) return true;
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d]!;
  }
  return true;
};

/** Elements from the first to the last of a view, both included. */
export const spanOf = ({ shape, strides }: TensorRef): number =>
  sizeOf(shape) === 0 ? 0 : shape.reduce((last, n, d) => last + (n - 1) * strides[d]!, 1);

/** Copies a strided view into C order. `span` starts at the view's first element. */
export const gatherView = <T extends DTypeArrays[keyof DTypeArrays]>(span: T, tensor: TensorRef): T => {
  const { shape, strides } = tensor;
  const size = sizeOf(shape);
  const result = new (span.constructor as new (length: number) => T)(size);
  const last = shape.length - 1;
  if (size === 0 || last < 0) {
    if (size > 0) result[0] = span[0]!;
    return result;
  }
  const index = new Array<number>(shape.length).fill(0);
  const row = shape[last]!;
  const step = strides[last]!;
  for (let at = 0, from = 0; at < size; ) {
    for (let i = 0; i < row; i++) result[at++] = span[from + i * step]!;
    let d = last - 1;
    for (; d >= 0; d--) {
      index[d]!++;
      from += strides[d]!;
      if (index[d]! < shape[d]!) break;
      from -= index[d]! * strides[d]!;
      index[d] = 0;
    }
    if (d < 0) break;
  }
  return result;
};
