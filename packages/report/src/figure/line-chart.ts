import { FigureDataError } from '../errors.js';
import { type Axis, axisScale, axisText, drawLabels, drawX, drawY, leftOf, type PlotBox } from './axis.js';
import { type Label, labelWidth, plain } from './label.js';
import { drawLegend, type LegendEntry } from './legend.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { fitDash, sampleWidth, seriesColor, seriesDash, seriesMark, seriesSample } from './series-style.js';
import { document, element, type FigureText, headHeight, line, text } from './svg.js';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Lower and upper edge of the band at this x, such as an interval over seeds. */
  readonly band?: readonly [number, number];
}

export interface LineSeries {
  readonly label: Label;
  readonly points: readonly LinePoint[];
  /** A fit or theory among measurements: dotted, without marks. */
  readonly fit?: boolean;
  /** Points alone, for measurements that follow no order. */
  readonly unconnected?: boolean;
  /** Label of the series whose colour this one takes: a fit that of what it fits. */
  readonly like?: Label;
}

export interface LinePanel {
  readonly title?: Label;
  readonly series: readonly LineSeries[];
}

export interface LineChart extends FigureText {
  readonly x: Axis;
  readonly y: Axis;
  /** Side by side on the same axes; series of the same label look the same in all. */
  readonly panels: readonly LinePanel[];
  /** The meaning of bands, for the legend, such as `range over 3 seeds`. */
  readonly band?: Label;
  /** Horizontal lines, such as a threshold. */
  readonly references?: readonly { readonly label: Label; readonly value: number }[];
}

const width = 720;
const plotHeight = 320;
const right = 20;
const gap = 24;
const labelStep = 17;
/** A line of more points than this has marks at some of them only. */
const mostMarks = 24;

/** A series as it is drawn: its place in the order of styles, its points from left to right. */
interface StyledSeries extends LineSeries {
  readonly style: number;
}

/**
 * Draws lines over linear or logarithmic axes, with bands around them, points and reference lines. Labels stand at the
 * ends of lines where they leave room enough for the plot, else in a legend.
 *
 * @example
 * ```ts
 * lineChart({
 *   title: 'Kernel change against width', x: { label: 'width', scale: 'log' }, y: { label: math`‖ΔK‖ / ‖K‖`, scale: 'log' },
 *   panels: [{ series: [{ label: 'SGD', points: [{ x: 64, y: 0.02, band: [0.018, 0.023] }, { x: 256, y: 0.006 }] }] }],
 *   band: 'range over 3 seeds',
 * });
 * ```
 * @returns an SVG file as text
 * @throws FigureDataError if there is no point, a number is not finite, or a log axis gets a value ≤ 0
 */
export const lineChart = (chart: LineChart): string => {
  const points = chart.panels.flatMap(({ series }) => series.flatMap((one) => one.points));
  if (points.length === 0) throw new FigureDataError('Line chart', 'no points', 'at least one');
  const references = chart.references ?? [];
  const xs = points.map((point) => point.x);
  const ys = [...points.flatMap(({ y, band }) => [y, ...(band ?? [])]), ...references.map((r) => r.value)];
  const bad = [...xs, ...ys].find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new FigureDataError('Line chart', String(bad), 'finite values');

  const panels = styled(chart);
  const n = panels.length;
  const left = leftOf(axisScale(chart.y, ys, [plotHeight, 0]).ticks);
  const room = (width - left - right - gap * (n - 1)) / n;
  const lines = panels.flatMap(({ series }) => series.filter((one) => !one.unconnected && plain(one.label)));
  const labels =
    lines.length === 0 ? 0 : sampleWidth + 14 + Math.max(...lines.map(({ label }) => labelWidth(label, 12)));
  const atEnds = room - labels >= (n === 1 ? 380 : 180);
  const legend = drawLegend(legendOf(chart, panels, atEnds), headHeight(chart), width);
  const top = headHeight(chart) + legend.height + (panels.some(({ title }) => title) ? 30 : 12);
  const bottom = top + plotHeight;
  const y = axisScale(chart.y, ys, [bottom, top]);

  const parts = [legend.markup];
  for (const [p, panel] of panels.entries()) {
    const from = left + p * (room + gap);
    const box = { left: from, right: from + room - (atEnds ? labels : 0), top, bottom };
    const x = axisScale(chart.x, xs, [box.left, box.right], { places: xs, count: n > 1 ? 4 : 6 });
    if (panel.title !== undefined)
      parts.push(text(from, top - 10, panel.title, { size: 13, bold: true, room }));
    parts.push(drawX(x, box), drawY(y, box, p === 0));
    for (const { value } of references)
      parts.push(
        line(box.left, y.at(value), box.right, y.at(value), {
          stroke: light.text,
          'stroke-dasharray': '1 3',
        }),
      );
    for (const series of panel.series) parts.push(drawSeries(series, x.at, y.at));
    for (const { label, value } of references) {
      parts.push(text(from + 6, y.at(value) - 6, label, { halo: true, room: box.right - from - 12 }));
    }
    if (atEnds) parts.push(drawEnds(panel.series, y.at, box));
  }
  const end = width - right - (atEnds ? labels : 0);
  parts.push(drawLabels(axisText(chart.x), axisText(chart.y), { left, right: end, top, bottom }));
  return document({ ...chart, width, height: bottom + 58, description: describe(chart) }, ...parts);
};

/** Series with their styles: one for each label, in order; fits that of what they are like. */
const styled = ({ panels }: LineChart) => {
  const keys = [
    ...new Set(panels.flatMap(({ series }) => series.map(({ label, like }) => plain(like ?? label)))),
  ];
  return panels.map(({ title, series }) => ({
    title,
    series: series.map(
      (one): StyledSeries => ({
        ...one,
        style: keys.indexOf(plain(one.like ?? one.label)),
        points: [...one.points].sort((a, b) => a.x - b.x),
      }),
    ),
  }));
};

const drawSeries = (
  { points, style, fit, unconnected }: StyledSeries,
  x: (value: number) => number,
  y: (value: number) => number,
): string => {
  if (points.length === 0) return '';
  const path = (all: readonly (readonly [number, number])[]): string =>
    `M${all.map(([px, py]) => `${x(px).toFixed(2)} ${y(py).toFixed(2)}`).join('L')}`;
  const color = seriesColor(style);
  const banded = points.filter(({ band }) => band !== undefined);
  const edge = [
    ...banded.map((p) => [p.x, p.band![1]] as const),
    ...[...banded].reverse().map((p) => [p.x, p.band![0]] as const),
  ];
  const stride = unconnected ? 1 : Math.ceil(points.length / mostMarks);
  return [
    banded.length > 1 ? element('path', { d: `${path(edge)}Z`, fill: color, 'fill-opacity': 0.16 }) : '',
    unconnected
      ? ''
      : element('path', {
          ...{ d: path(points.map((p) => [p.x, p.y])), fill: 'none', stroke: color, 'stroke-width': 2 },
          ...{ 'stroke-linejoin': 'round', 'stroke-dasharray': fit ? fitDash : seriesDash(style) },
        }),
    ...points.filter((_, i) => !fit && i % stride === 0).map((p) => seriesMark(style, x(p.x), y(p.y))),
  ].join('');
};

/** Labels at the ends of lines, from the highest to the lowest, pushed apart where they would touch. */
const drawEnds = (
  series: readonly StyledSeries[],
  y: (value: number) => number,
  { right: from, top, bottom }: PlotBox,
): string => {
  const ends = series
    .filter(({ points, unconnected, label }) => points.length > 0 && !unconnected && plain(label))
    .map((one) => ({ ...one, at: y(one.points.at(-1)!.y) }))
    .sort((a, b) => a.at - b.at);
  const places: number[] = [];
  for (const { at } of ends) places.push(Math.max(at, (places.at(-1) ?? top - labelStep) + labelStep));
  let limit = Math.max(bottom, top + labelStep * (ends.length - 1));
  for (let i = places.length - 1; i >= 0; i--, limit -= labelStep) {
    if (places[i]! <= limit) break;
    places[i] = limit;
  }
  return ends
    .map(
      ({ label, style, fit }, i) =>
        seriesSample(style, from + 6, places[i]!, { fit }) +
        text(from + sampleWidth + 12, places[i]! + 4, label),
    )
    .join('');
};

const legendOf = (
  { panels, band }: LineChart,
  drawn: readonly { readonly series: readonly StyledSeries[] }[],
  atEnds: boolean,
): LegendEntry[] => {
  const named = drawn
    .flatMap(({ series }) => series)
    .filter(({ label, unconnected }) => plain(label) && (unconnected || !atEnds));
  const once = new Map(named.map((one) => [plain(one.label), one]));
  const entries = [...once.values()].map(
    ({ label, style, fit, unconnected }): LegendEntry => ({
      label,
      width: sampleWidth,
      sample: (x, y) => seriesSample(style, x, y, { fit, points: unconnected }),
    }),
  );
  const banded = panels.some(({ series }) =>
    series.some(({ points }) => points.filter((p) => p.band).length > 1),
  );
  if (banded && band !== undefined) {
    const box = { width: 22, height: 12, fill: light.muted, 'fill-opacity': 0.25 };
    entries.push({ label: band, width: 22, sample: (x, y) => element('rect', { x, y: y - 6, ...box }) });
  }
  return entries;
};

const describe = ({ x, y, panels }: LineChart): string =>
  `Line chart of ${plain(axisText(y))} against ${plain(axisText(x))}. ${panels
    .map(({ title, series }) => {
      const lines = series
        .filter(({ points }) => points.length > 0)
        .map(({ label, points }) => {
          const sorted = [...points].sort((a, b) => a.x - b.x);
          const [first, last] = [sorted[0]!, sorted.at(-1)!];
          return `${plain(label)}: ${points.length} points, from ${tickText(first.y)} at ${tickText(first.x)} to ${tickText(last.y)} at ${tickText(last.x)}`;
        });
      return `${title === undefined ? '' : `${plain(title)}: `}${lines.join('; ')}.`;
    })
    .join(' ')}`;
