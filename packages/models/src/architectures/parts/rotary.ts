import { tf } from '@ntk-lens/engine';
import type { SideInputs } from '../../stages/side-inputs.js';
import type { Rope } from './rope.js';
import { rotaryFrequencies } from './rope.js';

/** Cosines and sines by which the pairs of a head are turned, `[n, T, size / 2]` each. */
export interface RotaryTables {
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

/** Turns of the pairs of a head by position. */
export interface Rotation {
  readonly rope: Rope;
  /** Numbers of a head. */
  readonly headSize: number;
  /** Positions of the model: none is this large. */
  readonly positions: number;
}

/**
 * The tables for the positions of a batch. Position p is q m + r with m ≈ √(positions). Its cosines and sines follow from
 * those of q m and of r, which are constants that were computed in float64. One table of all positions would be large, and
 * an angle in float32 has an error that grows with the position.
 */
export const rotaryTables = (side: SideInputs, { rope, headSize, positions }: Rotation): RotaryTables => {
  const { frequencies, factor } = rotaryFrequencies(rope, headSize);
  const step = Math.ceil(Math.sqrt(positions));
  const table = (f: (angle: number) => number, rows: number, stride: number, times: number): tf.Tensor =>
    tf.tensor2d(
      Float32Array.from(
        { length: rows * frequencies.length },
        (_, i) =>
          times * f(Math.floor(i / frequencies.length) * stride * frequencies[i % frequencies.length]!),
      ),
      [rows, frequencies.length],
    );
  const coarse = side.positions.floorDiv(tf.scalar(step, 'int32'));
  const fine = side.positions.sub(coarse.mul(tf.scalar(step, 'int32')));
  const shape = [...side.positions.shape, frequencies.length];
  const at = (rows: tf.Tensor, of: tf.Tensor) => tf.gather(of, rows.flatten().toInt()).reshape(shape);
  const long = Math.ceil(positions / step);
  const [cosLong, sinLong] = [Math.cos, Math.sin].map((f) => at(coarse, table(f, long, step, factor)));
  const [cosShort, sinShort] = [Math.cos, Math.sin].map((f) => at(fine, table(f, step, 1, 1)));
  return {
    cos: cosLong!.mul(cosShort!).sub(sinLong!.mul(sinShort!)),
    sin: sinLong!.mul(cosShort!).add(cosLong!.mul(sinShort!)),
  };
};

/** The tables at the token whose logits are read, `[n, 1, size / 2]`. */
export const readOutTables = (side: SideInputs, { cos, sin }: RotaryTables): RotaryTables => ({
  cos: tf.matMul(side.readout, cos),
  sin: tf.matMul(side.readout, sin),
});

/**
 * Turns the pairs (x_i, x_{i + size/2}) of every head by the angle of its token and pair (Su et al. 2021); numbers of a
 * head beyond the first `size` stay as they are. The derivative turns back: automatic differentiation would pad each part of
 * a head to the whole and add them up.
 *
 * @param x queries or keys, `[n, T, heads · headSize]`
 */
export const rotate = (x: tf.Tensor, headSize: number, { cos, sin }: RotaryTables): tf.Tensor =>
  tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([cos, sin]);
    return {
      value: turn(input as tf.Tensor, headSize, { cos, sin }),
      gradFunc: (dy: tf.Tensor, [c, s]: tf.Tensor[]) => rotate(dy, headSize, { cos: c!, sin: s!.neg() }),
    };
  })(x);

const turn = (x: tf.Tensor, headSize: number, { cos, sin }: RotaryTables): tf.Tensor => {
  const [n, length, width] = x.shape as [number, number, number];
  const half = cos.shape[2]!;
  const heads = x.reshape([n, length, width / headSize, headSize]);
  const from = (start: number, size: number) =>
    heads.slice([0, 0, 0, start], [n, length, width / headSize, size]);
  const [first, second] = [from(0, half), from(half, half)];
  const [c, s] = [cos.expandDims(2), sin.expandDims(2)];
  const turned = [first.mul(c).sub(second.mul(s)), second.mul(c).add(first.mul(s))];
  const rest = headSize > 2 * half ? [from(2 * half, headSize - 2 * half)] : [];
  return tf.concat([...turned, ...rest], 3).reshape(x.shape);
};
