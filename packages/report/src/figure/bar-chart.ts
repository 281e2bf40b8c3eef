import { scaleLinear } from 'd3-scale';
import { FigureDataError } from '../errors.js';
import type { MeanSd } from '../table/table.js';
import { tickText } from './number-format.js';
import { colorOf } from './palette.js';
import { document, element, idOf, line, text, textWidth } from './svg.js';

export interface Bar {
  readonly label: string;
  readonly value: number | MeanSd;
  /** Bars of one group share a colour; the legend names the groups when there is more than one. */
  readonly group?: string;
}

export interface BarChart {
  readonly title: string;
  /** What is on the value axis, such as `test accuracy`. */
  readonly axis: string;
  readonly bars: readonly Bar[];
  /** Lines across all bars to compare with, such as the majority's accuracy. */
  readonly references?: readonly { readonly label: string; readonly value: number }[];
  /** Shown as percent; the axis then ends at 100. */
  readonly percent?: boolean;
}

const rowHeight = 38;
const width = 720;

const split = (value: number | MeanSd): MeanSd =>
  typeof value === 'number' ? { mean: value, sd: 0 } : value;

/**
 * Draws horizontal bars with their values, standard deviations as whiskers, and reference lines.
 *
 * @example
 * ```ts
 * barChart({
 *   title: 'sentiment, 16-shot', axis: 'test accuracy', percent: true,
 *   bars: [{ label: 'zero-shot', value: 0.71 }, { label: 'SGD kernel', value: { mean: 0.85, sd: 0.01 } }],
 *   references: [{ label: 'majority', value: 0.5 }],
 * });
 * ```
 * @returns an SVG file as text
 * @throws FigureDataError if there are no bars or a value is not finite
 */
export const barChart = (chart: BarChart): string => {
  const values = chart.bars.map(({ value }) => split(value));
  const references = chart.references ?? [];
  if (values.length === 0) throw new FigureDataError('Bar chart', 'no bars', 'at least one');
  const all = [
    ...values.flatMap(({ mean, sd }) => [mean - sd, mean + sd]),
    ...references.map((r) => r.value),
  ];
  const bad = all.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new FigureDataError('Bar chart', String(bad), 'finite values');

  const groups = [...new Set(chart.bars.map(({ group }) => group ?? ''))];
  const left = Math.min(240, 32 + Math.max(...chart.bars.map(({ label }) => textWidth(label, 13))));
  const right = width - 84;
  const legend = groups.length > 1 ? 26 : 0;
  const top = 48 + legend + (references.length > 0 ? 22 : 0);
  const bottom = top + rowHeight * chart.bars.length;
  const high = chart.percent ? Math.max(1, ...all) : Math.max(0, ...all);
  const low = Math.min(0, ...all);
  const x = scaleLinear()
    .domain([low, high - low > 1e-90 ? high : low + 1])
    .range([left, right]);
  if (!chart.percent) x.nice();
  const shown = (value: number): string => tickText(chart.percent ? value * 100 : value);
  const precise = ({ mean, sd }: MeanSd): string => {
    const value = (v: number): string => (chart.percent ? (v * 100).toFixed(1) : tickText(v));
    return sd > 0 ? `${value(mean)} ± ${value(sd)}` : value(mean);
  };
  const unit = chart.percent ? ' (%)' : '';

  const parts: string[] = [];
  for (const tick of x.ticks(6)) {
    parts.push(line(x(tick), top, x(tick), bottom, { class: 'ntk-grid' }));
    parts.push(
      text(x(tick), bottom + 18, shown(tick), { className: 'ntk-muted', anchor: 'middle', size: 12 }),
    );
  }
  for (const [index, bar] of chart.bars.entries()) {
    const value = values[index]!;
    const middle = top + rowHeight * (index + 0.5);
    const color = colorOf(groups.indexOf(bar.group ?? ''));
    parts.push(
      element('rect', {
        x: Math.min(x(0), x(value.mean)),
        y: middle - 11,
        width: Math.abs(x(value.mean) - x(0)),
        height: 22,
        rx: 2,
        fill: color,
      }),
      text(left - 10, middle + 4.5, bar.label, { anchor: 'end' }),
    );
    const end = Math.max(x(value.mean + value.sd), x(0));
    if (value.sd > 0) parts.push(whisker(x(value.mean - value.sd), x(value.mean + value.sd), middle));
    parts.push(text(end + 8, middle + 4.5, precise(value), { className: 'ntk-halo', weight: 600 }));
  }
  let labelled = Number.NEGATIVE_INFINITY;
  for (const reference of [...references].sort((a, b) => a.value - b.value)) {
    const at = x(reference.value);
    const label = `${reference.label} ${precise({ mean: reference.value, sd: 0 })}`;
    const half = textWidth(label, 12) / 2;
    const center = Math.min(Math.max(at, labelled + half + 8), width - 12 - half);
    labelled = center + half;
    parts.push(
      line(at, top - 6, at, bottom, { class: 'ntk-strong', 'stroke-width': 1.5, 'stroke-dasharray': '5 4' }),
      text(center, top - 11, label, { anchor: 'middle', size: 12 }),
    );
  }
  parts.push(line(x(0), top, x(0), bottom, { class: 'ntk-axis' }));
  parts.push(
    text((left + right) / 2, bottom + 40, `${chart.axis}${unit}`, {
      className: 'ntk-muted',
      anchor: 'middle',
    }),
  );
  if (legend > 0) {
    let at = 20;
    for (const [index, group] of groups.entries()) {
      parts.push(element('rect', { x: at, y: 42, width: 12, height: 12, rx: 2, fill: colorOf(index) }));
      parts.push(text(at + 18, 52.5, group, { size: 12 }));
      at += 38 + textWidth(group, 12);
    }
  }
  const description = `Bar chart of ${chart.axis}${unit}. ${chart.bars
    .map((bar, i) => `${bar.label}: ${precise(values[i]!)}`)
    .join('; ')}.${references
    .map(({ label, value }) => ` Reference line ${label}: ${precise({ mean: value, sd: 0 })}.`)
    .join('')}`;
  const frame = { width, height: bottom + 54, title: chart.title, description };
  return document(frame, idOf(JSON.stringify(chart)), ...parts);
};

const whisker = (from: number, to: number, y: number): string =>
  element('path', {
    d: `M${from.toFixed(2)} ${y}H${to.toFixed(2)}M${from.toFixed(2)} ${y - 5}v10M${to.toFixed(2)} ${y - 5}v10`,
    class: 'ntk-strong',
    'stroke-width': 1.5,
  });
