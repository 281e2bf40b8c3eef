import { FigureDataError } from '../errors.js';
import type { MeanSd } from '../table/table.js';
import { axisScale, drawX } from './axis.js';
import { type Label, labelWidth, plain } from './label.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { seriesColor, seriesMark } from './series-style.js';
import { document, element, type FigureText, headHeight, line, text } from './svg.js';

export interface Dot {
  readonly label: Label;
  /** A standard deviation, such as over seeds, is a thick line. */
  readonly value: number | MeanSd;
  /** Ends of a thin line with caps, such as a 95 % interval. */
  readonly interval?: readonly [number, number];
  /** The number of the colour and mark, from 0; rows of one kind share them. Default: 0. */
  readonly kind?: number;
  /** A dotted line across all rows, for what the others are compared with. */
  readonly guide?: boolean;
}

export interface DotChart extends FigureText {
  /** The quantity on the value axis, such as `test accuracy`. */
  readonly axis: Label;
  readonly dots: readonly Dot[];
  /** Shown as percent. */
  readonly percent?: boolean;
}

const rowHeight = 34;
const width = 720;

/**
 * Draws one value to a row, with its interval, its standard deviation and its number.
 *
 * @example
 * ```ts
 * dotChart({
 *   title: 'sentiment, 16-shot', axis: 'test accuracy', percent: true,
 *   dots: [
 *     { label: 'majority', value: 0.5, guide: true },
 *     { label: 'SGD kernel', value: 0.705, interval: wilsonInterval(0.705, 200), kind: 1 },
 *   ],
 *   caption: 'thin lines are 95 % Wilson intervals over 200 test examples',
 * });
 * ```
 * @returns an SVG file as text
 * @throws FigureDataError if there are no dots or a number is not finite
 */
export const dotChart = (chart: DotChart): string => {
  const { dots, percent = false } = chart;
  if (dots.length === 0) throw new FigureDataError('Dot chart', 'no values', 'at least one');
  const spans = dots.map(({ value, interval }) => {
    const { mean, sd } = typeof value === 'number' ? { mean: value, sd: 0 } : value;
    return { mean, sd, interval, all: [mean - sd, mean, mean + sd, ...(interval ?? [])] };
  });
  const values = spans.flatMap(({ all }) => all);
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new FigureDataError('Dot chart', String(bad), 'finite values');

  /** Three digits, as percent have. */
  const shown = (value: number): string =>
    percent ? (value * 100).toFixed(1) : tickText(Number(value.toPrecision(3)));
  const numbers = spans.map(({ mean, sd, interval }) => {
    const spread = sd > 0 ? ` ± ${shown(sd)}` : '';
    return `${shown(mean)}${spread}${interval ? ` (${interval.map(shown).join(' … ')})` : ''}`;
  });
  const left = 32 + Math.min(300, Math.max(...dots.map(({ label }) => labelWidth(label, 13))));
  const right = width - 24 - Math.max(...numbers.map((number) => labelWidth(number, 12)));
  const top = headHeight(chart) + 8;
  const bottom = top + rowHeight * dots.length;
  const x = axisScale({ label: chart.axis }, values, [left, right]);
  const axis = percent ? [chart.axis, ' (%)'].flat() : chart.axis;
  const box = { left, right, top, bottom };
  const parts = [drawX(x, box, (tick) => tickText(percent ? Number((tick * 100).toPrecision(6)) : tick))];
  for (const [i, { label, kind = 0, guide }] of dots.entries()) {
    const { mean, sd, interval } = spans[i]!;
    const y = top + rowHeight * (i + 0.5);
    const stroke = seriesColor(kind);
    if (guide) {
      parts.push(
        line(x.at(mean), top, x.at(mean), bottom, { stroke: light.text, 'stroke-dasharray': '1 3' }),
      );
    }
    if (interval) {
      const [from, to] = interval.map((end) => x.at(end).toFixed(2)) as [string, string];
      const d = `M${from} ${y}H${to}M${from} ${y - 5}v10M${to} ${y - 5}v10`;
      parts.push(element('path', { d, stroke, 'stroke-width': 1.5, fill: 'none' }));
    }
    if (sd > 0) parts.push(line(x.at(mean - sd), y, x.at(mean + sd), y, { stroke, 'stroke-width': 5 }));
    parts.push(
      seriesMark(kind, x.at(mean), y),
      text(left - 12, y + 4.5, label, { size: 13, anchor: 'end', room: left - 30 }),
      text(right + 12, y + 4.5, numbers[i]!),
    );
  }
  parts.push(
    text((left + right) / 2, bottom + 40, axis, {
      size: 13,
      fill: light.muted,
      anchor: 'middle',
      room: right - left,
    }),
  );
  const description = `Dot chart of ${plain(axis)}. ${dots
    .map(({ label }, i) => `${plain(label)}: ${numbers[i]}`)
    .join('; ')}.`;
  return document({ ...chart, width, height: bottom + 54, description }, ...parts);
};
