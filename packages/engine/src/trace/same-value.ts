import type * as tf from '@ntk-lens/tfjs';
import { theRecorder } from './recorder.js';

/**
 * True for tensors of a program that are one value: the same memory, or where the program is traced, the same node of the
 * graph. A program can return such a value once.
 *
 * @example
 * ```ts
 * const [dx, dy] = tf.grads((x: tf.Tensor, y: tf.Tensor) => x.add(y))([tf.scalar(1), tf.scalar(2)]);
 * sameValue(dx!, dy!); // true: both are the cotangent of the sum
 * ```
 */
export const sameValue = (x: tf.Tensor, y: tf.Tensor): boolean =>
  x.dataId === y.dataId || theRecorder().areOne(x, y);
