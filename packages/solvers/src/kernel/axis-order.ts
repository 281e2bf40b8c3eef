import { sameShape } from '@ntk-lens/core';

/** All orders of axes 0 … 3, those that move least first. */
const orders: readonly (readonly number[])[] = [0, 1, 2, 3].flatMap((a) =>
  [0, 1, 2, 3].flatMap((b) =>
    [0, 1, 2, 3].flatMap((c) =>
      [0, 1, 2, 3].filter((d) => new Set([a, b, c, d]).size === 4).map((d) => [a, b, c, d]),
    ),
  ),
);

const names = ['training example', 'its logit', 'example', 'its logit'];

/**
 * Says how a kernel whose axes lie in another order becomes `[train, C, query, C]`; undefined where no order of its axes does.
 *
 * @param train number of training examples
 * @param queries number of examples of the split
 */
export const axisAdvice = (shape: readonly number[], train: number, queries: number): string | undefined => {
  const fits = ([n, a, m, b]: readonly number[]) => n === train && m === queries && a === b;
  if (shape.length === 4 && !fits(shape)) {
    const order = orders.find((axes) => fits(axes.map((axis) => shape[axis]!)));
    if (order === undefined) return undefined;
    const found = shape.map((_, axis) => names[order.indexOf(axis)]);
    return `Its axes seem to be [${found.join(', ')}]: swap them by numpy.transpose(kernel, (${order.join(', ')})).`;
  }
  if (shape.length !== 2) return undefined;
  if (sameShape(shape, [train, queries]))
    return 'It has no axes of logits, as a trace over them leaves it. Where all C logits share this kernel, write kernel[:, None, :, None] * numpy.eye(C)[:, None, :]; with one logit, kernel[:, None, :, None].';
  const [rows, columns] = shape as [number, number];
  const logits = rows / train;
  return Number.isInteger(logits) && logits > 1 && columns === queries * logits
    ? `Its axes of examples and logits are joined: part them by kernel.reshape(${train}, ${logits}, ${queries}, ${logits}).`
    : undefined;
};
