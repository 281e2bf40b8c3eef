import { scaleLinear, scaleLog } from 'd3-scale';
import { FigureDataError } from '../errors.js';
import { type Label, labelWidth, plain } from './label.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { line, text } from './svg.js';

export interface Axis {
  readonly label: Label;
  /** Default `linear`. */
  readonly scale?: 'linear' | 'log';
}

/** Where values stand along an axis, in pixels, and which of them are written. */
export interface AxisScale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Distance of the outermost values from the frame, so that no mark lies on it. */
const padding = 12;

/** Points at a handful of places are the ticks of a log axis. */
const fewPlaces = 10;

/** Log axes of fewer than `few` decades need 1, 2, 5; more decades only the powers of ten. */
export const logTicks = (low: number, high: number, few = 2.5): number[] => {
  const decades = Math.log10(high / low);
  if (decades < 0.7) return scaleLinear().domain([low, high]).ticks(5);
  const factors = decades < few ? [1, 2, 5] : [1];
  const step = Math.max(1, Math.ceil(decades / 8));
  const ticks: number[] = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) {
    if (p % step === 0) ticks.push(...factors.map((factor) => Number(`${factor}e${p}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
};

/**
 * A scale of values over pixels from `from` to `to`.
 *
 * @param places where points are, if a log axis is to have its ticks there
 * @throws FigureDataError if a log axis gets a value ≤ 0
 */
export const axisScale = (
  { label, scale }: Axis,
  values: readonly number[],
  [from, to]: readonly [number, number],
  { places = [], count = 6 }: { readonly places?: readonly number[]; readonly count?: number } = {},
): AxisScale => {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const inset = padding * Math.sign(to - from);
  const range = [from + inset, to - inset];
  if (scale === 'log') {
    if (low <= 0) {
      throw new FigureDataError('Line chart', `${low} on the ${plain(label)} axis`, 'values > 0 (log)');
    }
    if (low === high) [low, high] = [low / 2, high * 2];
    const at = scaleLog().domain([low, high]).range(range);
    const distinct = [...new Set(places)].sort((a, b) => a - b);
    const few = distinct.length > 0 && distinct.length <= fewPlaces;
    return { at, ticks: few ? distinct : logTicks(at.invert(from), at.invert(to)) };
  }
  // A span below rounding has no ticks.
  if (high - low <= 1e-12 * Math.max(1e-90, -low, high)) {
    const half = Math.max(Math.abs(low), 1e-90) / 2;
    [low, high] = [low - half, high + half];
  }
  const at = scaleLinear().domain([low, high]).range(range);
  const whole = scaleLinear().domain([at.invert(from), at.invert(to)]);
  return { at, ticks: whole.ticks(count) };
};

export interface PlotBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const axisText = ({ label, scale }: Axis): Label =>
  scale === 'log' ? [label, ' (log scale)'].flat() : label;

/** Room that the y axis needs on its left: its label and its numbers. */
export const leftOf = (ticks: readonly number[]): number =>
  44 + Math.max(0, ...ticks.map((tick) => labelWidth(tickText(tick), 12)));

/** Grid lines along the bottom of a plot, with those numbers that neither touch one another nor leave the figure. */
export const drawX = (
  { at, ticks }: AxisScale,
  { left, right, top, bottom }: PlotBox,
  written: (tick: number) => string = tickText,
): string => {
  let end = Number.NEGATIVE_INFINITY;
  const drawn = ticks.map((tick) => {
    const grid = line(at(tick), top, at(tick), bottom, { stroke: light.grid });
    const half = labelWidth(written(tick), 12) / 2;
    const center = Math.min(at(tick), right + 16 - half);
    if (center - half < end) return grid;
    end = center + half + 6;
    return grid + text(center, bottom + 18, written(tick), { anchor: 'middle', fill: light.muted });
  });
  return drawn.join('') + line(left, bottom, right, bottom, { stroke: light.muted });
};

/** Grid lines along the left side of a plot, with numbers where they are wanted. */
export const drawY = (
  { at, ticks }: AxisScale,
  { left, right, top, bottom }: PlotBox,
  numbers: boolean,
): string =>
  ticks
    .map(
      (tick) =>
        line(left, at(tick), right, at(tick), { stroke: light.grid }) +
        (numbers ? text(left - 8, at(tick) + 4, tickText(tick), { anchor: 'end', fill: light.muted }) : ''),
    )
    .join('') + line(left, top, left, bottom, { stroke: light.muted });

/** Draws the labels along the bottom and the left of one or more plots side by side. */
export const drawLabels = (x: Label, y: Label, { left, right, top, bottom }: PlotBox): string => {
  const look = { size: 13, anchor: 'middle', fill: light.muted } as const;
  // A label longer than the plot is high goes on below it, where nothing else stands.
  const end = labelWidth(y, look.size) > bottom - top ? bottom + 50 : bottom;
  return (
    text((left + right) / 2, bottom + 42, x, { ...look, room: right - left + 40 }) +
    text(20, (top + end) / 2, y, { ...look, rotate: -90, room: end - top })
  );
};
