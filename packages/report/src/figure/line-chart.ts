import { scaleLinear, scaleLog } from 'd3-scale';
import { FigureDataError } from '../errors.js';
import { tickText } from './number-format.js';
import { colorOf } from './palette.js';
import { document, element, idOf, line, text, textWidth } from './svg.js';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Lower and upper edge of the band at this x, such as an interval over seeds. */
  readonly band?: readonly [number, number];
}

export interface LineSeries {
  readonly label: string;
  readonly points: readonly LinePoint[];
  /** For fits and theory beside measurements. */
  readonly dashed?: boolean;
  /** Points alone, for measurements that follow no order. */
  readonly unconnected?: boolean;
  /** Takes the colour of another series, by its place: a fit that of what it fits. */
  readonly like?: number;
}

export interface Axis {
  readonly label: string;
  /** Default `linear`. */
  readonly scale?: 'linear' | 'log';
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly LineSeries[];
  /** Horizontal lines, such as a threshold. */
  readonly references?: readonly { readonly label: string; readonly value: number }[];
}

const width = 720;
const plot = { left: 84, right: 690, height: 320 };

const makeScale = (axis: Axis, values: readonly number[], range: readonly [number, number]) => {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (axis.scale === 'log') {
    if (low <= 0)
      throw new FigureDataError('Line chart', `${low} on the ${axis.label} axis`, 'values > 0 (log)');
    if (low === high) [low, high] = [low / 2, high * 2];
    return scaleLog().domain([low, high]).range(range);
  }
  // A span below rounding has no ticks.
  if (high - low <= 1e-12 * Math.max(1e-90, -low, high)) {
    const half = Math.max(Math.abs(low), 1e-90) / 2;
    [low, high] = [low - half, high + half];
  }
  return scaleLinear().domain([low, high]).range(range).nice();
};

/** Log axes of one or two decades need 1, 2, 5; more decades only the powers of ten. */
const ticksOf = (axis: Axis, scale: ReturnType<typeof makeScale>): number[] => {
  if (axis.scale !== 'log') return scale.ticks(6);
  const [low, high] = scale.domain() as [number, number];
  const decades = Math.log10(high / low);
  if (decades < 0.7) return scaleLinear().domain([low, high]).ticks(5);
  const factors = decades < 2.5 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  const step = Math.max(1, Math.ceil(decades / 8));
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) {
    if (p % step !== 0) continue;
    for (const factor of factors) ticks.push(Number(`${factor}e${p}`));
  }
  return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
};

/**
 * Draws lines over linear or logarithmic axes, with bands around them, points and reference lines.
 *
 * @example
 * ```ts
 * lineChart({
 *   title: 'Kernel change against width', x: { label: 'width', scale: 'log' }, y: { label: '‖ΔK‖/‖K‖', scale: 'log' },
 *   series: [{ label: 'SGD', points: [{ x: 64, y: 0.02, band: [0.018, 0.023] }, { x: 256, y: 0.006 }] }],
 * });
 * ```
 * @returns an SVG file as text
 * @throws FigureDataError if there is no point, a number is not finite, or a log axis gets a value ≤ 0
 */
export const lineChart = (chart: LineChart): string => {
  const points = chart.series.flatMap((series) => series.points);
  if (points.length === 0) throw new FigureDataError('Line chart', 'no points', 'at least one');
  const references = chart.references ?? [];
  const xs = points.map((point) => point.x);
  const ys = [...points.flatMap(({ y, band }) => [y, ...(band ?? [])]), ...references.map((r) => r.value)];
  const bad = [...xs, ...ys].find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new FigureDataError('Line chart', String(bad), 'finite values');

  const { rows: legendRows, markup: legend } = drawLegend(chart);
  const top = 52 + 22 * legendRows;
  const bottom = top + plot.height;
  const x = makeScale(chart.x, xs, [plot.left, plot.right]);
  const y = makeScale(chart.y, ys, [bottom, top]);
  const at = (px: number, py: number): string => `${x(px).toFixed(2)} ${y(py).toFixed(2)}`;

  const parts: string[] = [legend];
  for (const tick of ticksOf(chart.x, x)) {
    parts.push(line(x(tick), top, x(tick), bottom, { class: 'ntk-grid' }));
    parts.push(
      text(x(tick), bottom + 18, tickText(tick), { className: 'ntk-muted', anchor: 'middle', size: 12 }),
    );
  }
  for (const tick of ticksOf(chart.y, y)) {
    parts.push(line(plot.left, y(tick), plot.right, y(tick), { class: 'ntk-grid' }));
    parts.push(
      text(plot.left - 8, y(tick) + 4, tickText(tick), { className: 'ntk-muted', anchor: 'end', size: 12 }),
    );
  }
  parts.push(element('path', { d: `M${plot.left} ${top}V${bottom}H${plot.right}`, class: 'ntk-axis' }));
  for (const { value } of references) {
    parts.push(
      line(plot.left, y(value), plot.right, y(value), { class: 'ntk-strong', 'stroke-dasharray': '2 4' }),
    );
  }
  for (const [index, series] of chart.series.entries()) {
    const color = colorOf(series.like ?? index);
    const sorted = [...series.points].sort((a, b) => a.x - b.x);
    const band = sorted.filter((point) => point.band !== undefined);
    if (band.length > 1) {
      const edge = [
        ...band.map((p) => at(p.x, p.band![1])),
        ...[...band].reverse().map((p) => at(p.x, p.band![0])),
      ];
      parts.push(element('path', { d: `M${edge.join('L')}Z`, fill: color, opacity: 0.22 }));
    }
    if (sorted.length === 0) continue;
    if (!series.unconnected) {
      parts.push(
        element('path', {
          d: `M${sorted.map((p) => at(p.x, p.y)).join('L')}`,
          fill: 'none',
          stroke: color,
          'stroke-width': 2,
          'stroke-linejoin': 'round',
          'stroke-dasharray': series.dashed ? '7 5' : undefined,
        }),
      );
    }
    if (series.unconnected || (!series.dashed && sorted.length <= 60)) {
      for (const p of sorted) parts.push(element('circle', { cx: x(p.x), cy: y(p.y), r: 3.5, fill: color }));
    }
  }
  for (const { label, value } of references) {
    parts.push(text(plot.right - 6, y(value) - 6, label, { className: 'ntk-halo', anchor: 'end', size: 12 }));
  }
  parts.push(
    text((plot.left + plot.right) / 2, bottom + 42, axisText(chart.x), {
      className: 'ntk-muted',
      anchor: 'middle',
    }),
    text(20, (top + bottom) / 2, axisText(chart.y), {
      className: 'ntk-muted',
      anchor: 'middle',
      rotate: -90,
    }),
  );
  const frame = { width, height: bottom + 58, title: chart.title, description: describe(chart) };
  return document(frame, idOf(JSON.stringify(chart)), ...parts);
};

const axisText = (axis: Axis): string => (axis.scale === 'log' ? `${axis.label} (log scale)` : axis.label);

const drawLegend = (chart: LineChart): { rows: number; markup: string } => {
  if (chart.series.length < 2 && !chart.series[0]?.label) return { rows: 0, markup: '' };
  const parts: string[] = [];
  let [left, row] = [20, 0];
  for (const [index, { label, dashed, unconnected, like }] of chart.series.entries()) {
    const needed = 52 + textWidth(label, 12);
    if (left > 20 && left + needed > width) [left, row] = [20, row + 1];
    const y = 48 + 22 * row;
    const color = colorOf(like ?? index);
    const stroke = {
      stroke: color,
      'stroke-width': 2.5,
      'stroke-dasharray': dashed ? '6 4' : undefined,
    };
    const sign = unconnected
      ? element('circle', { cx: left + 11, cy: y, r: 3.5, fill: color })
      : line(left, y, left + 22, y, stroke);
    parts.push(sign, text(left + 28, y + 4, label, { size: 12 }));
    left += needed;
  }
  return { rows: row + 1, markup: parts.join('') };
};

const describe = (chart: LineChart): string =>
  `Line chart of ${axisText(chart.y)} against ${axisText(chart.x)}. ${chart.series
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => {
      const sorted = [...points].sort((a, b) => a.x - b.x);
      const [first, last] = [sorted[0]!, sorted.at(-1)!];
      return `${label}: ${points.length} points, from ${tickText(first.y)} at ${tickText(first.x)} to ${tickText(last.y)} at ${tickText(last.x)}`;
    })
    .join('; ')}.`;
