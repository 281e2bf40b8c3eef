import { lab } from 'd3-color';

export type Color = readonly [number, number, number];

/** A straight line in CIELAB, from 0 to 1. It is computed here, since `interpolateLab` writes each colour as text. */
const line = (from: string, to: string): ((t: number) => Color) => {
  const [start, end] = [lab(from), lab(to)];
  const [l, a, b] = [end.l - start.l, end.a - start.a, end.b - start.b];
  return (t) => {
    const color = lab(start.l + t * l, start.a + t * a, start.b + t * b).rgb();
    return [byte(color.r), byte(color.g), byte(color.b)];
  };
};

const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

const [blue, red] = [line('#215ea9', '#ffffff'), line('#ffffff', '#9f4039')];

/** Blue, white, red: straight lines of the same length, so that equal steps look equal, on both sides. */
const diverging = (t: number): Color => (t < 0.5 ? blue(2 * t) : red(2 * t - 1));

/** From white to blue, one straight line. */
const sequential = line('#ffffff', '#123a66');

export interface ColorScale {
  readonly low: number;
  readonly high: number;
  readonly least: number;
  readonly greatest: number;
  readonly color: (value: number) => Color;
}

/**
 * Colours of values: from white upwards where none is negative, else with white at 0. The scale ends at quantiles, so
 * that a few large entries (a diagonal) do not hide the rest.
 *
 * @param outside the part of values beyond each end of the scale
 */
export const colorScale = (values: ArrayLike<number>, outside: number): ColorScale => {
  const sorted = Float64Array.from(values).sort();
  const [least, greatest] = [sorted[0]!, sorted.at(-1)!];
  let low = sorted[Math.floor(outside * (sorted.length - 1))]!;
  let high = sorted[Math.ceil((1 - outside) * (sorted.length - 1))]!;
  const signed = least < 0;
  if (signed) {
    high = Math.max(Math.abs(low), Math.abs(high));
    low = -high;
  }
  if (low === high) [low, high] = signed ? [-1, 1] : [low, low + (Math.abs(low) || 1)];
  const map = signed ? diverging : sequential;
  const color = (value: number): Color => map(Math.min(1, Math.max(0, (value - low) / (high - low))));
  return { low, high, least, greatest, color };
};
