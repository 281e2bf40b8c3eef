import { interpolateLab, piecewise } from 'd3-interpolate';

export type Color = readonly [number, number, number];

/** Blue, white, red: straight lines in CIELAB of the same length, so that equal steps look equal, on both sides. */
const diverging = piecewise(interpolateLab, ['#215ea9', '#ffffff', '#9f4039']);

/** From white to blue, one straight line in CIELAB. */
const sequential = interpolateLab('#ffffff', '#123a66');

export interface ColorScale {
  readonly low: number;
  readonly high: number;
  readonly least: number;
  readonly greatest: number;
  readonly color: (value: number) => Color;
}

/** d3 gives `rgb(r, g, b)`. */
const rgb = (color: string): Color => {
  const [r, g, b] = color.match(/\d+/g)!.map(Number);
  return [r!, g!, b!];
};

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
  const color = (value: number): Color => rgb(map(Math.min(1, Math.max(0, (value - low) / (high - low)))));
  return { low, high, least, greatest, color };
};
