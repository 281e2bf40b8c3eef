import { scaleLinear } from 'd3-scale';
import { FigureDataError } from '../errors.js';
import { tickText } from './number-format.js';
import { colorOf } from './palette.js';
import { document, element, idOf, line, text, textWidth } from './svg.js';

export interface ScatterSeries {
  readonly label: string;
  /** Pairs of x and y. */
  readonly points: readonly (readonly [number, number])[];
  /** Grey rings below the others, for what the others are compared with. */
  readonly muted?: boolean;
}

export interface ScatterPanel {
  readonly title: string;
  readonly series: readonly ScatterSeries[];
  /** Lines in the panel's lower right corner, such as an error. */
  readonly notes?: readonly string[];
}

export interface ScatterChart {
  readonly title: string;
  /** What both axes measure is the same, so that the diagonal is agreement. */
  readonly x: string;
  readonly y: string;
  /** Side by side on equal axes. */
  readonly panels: readonly ScatterPanel[];
}

const left = 74;
const gap = 34;
const right = 24;
const widest = 720;
const largestSide = 380;

type Scale = (value: number) => number;

/**
 * Draws y against x on square panels with the diagonal y = x: how well one number predicts another of the same kind.
 *
 * @example
 * ```ts
 * scatterChart({
 *   title: 'Linearized against fine-tuned', x: 'f(ξ; θ_T)', y: 'f_lin(ξ)',
 *   panels: [{ title: 'SGD', series: [{ label: 'linearized', points: [[0.2, 0.19], [1.4, 1.5]] }] }],
 * });
 * ```
 * @returns an SVG file as text
 * @throws FigureDataError if there is no point, or a number is not finite
 */
export const scatterChart = (chart: ScatterChart): string => {
  const { panels } = chart;
  const values = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.flat()));
  if (values.length === 0) throw new FigureDataError('Scatter chart', 'no points', 'at least one');
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new FigureDataError('Scatter chart', String(bad), 'finite values');
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (high - low <= 1e-12 * Math.max(1e-90, -low, high)) {
    const half = Math.max(Math.abs(low), 1e-90) / 2;
    [low, high] = [low - half, high + half];
  }
  const n = panels.length;
  const side = Math.min(largestSide, (widest - left - right - gap * (n - 1)) / n);
  const width = Math.max(560, left + n * side + gap * (n - 1) + right);
  const labels = [...new Map(panels.flatMap(({ series }) => series).map((one) => [one.label, one])).values()];
  const legend = drawLegend(labels, width);
  const top = 74 + 22 * legend.rows;
  const domain = scaleLinear().domain([low, high]).nice();
  const bounds = domain.domain() as [number, number];
  const ticks = domain.ticks(side < 250 ? 4 : 6);

  const parts = [legend.markup];
  for (const [p, panel] of panels.entries()) {
    const from = left + p * (side + gap);
    const x = scaleLinear()
      .domain(bounds)
      .range([from, from + side]);
    const y = scaleLinear()
      .domain(bounds)
      .range([top + side, top]);
    parts.push(drawFrame(panel, { x, y, ticks, from, top, side, first: p === 0 }));
    const colored = labels.filter(({ muted }) => !muted).map(({ label }) => label);
    for (const one of [...panel.series].sort((a, b) => Number(b.muted ?? false) - Number(a.muted ?? false)))
      parts.push(drawPoints(one, x, y, colorOf(colored.indexOf(one.label))));
    for (const [i, note] of [...(panel.notes ?? [])].reverse().entries())
      parts.push(
        text(from + side - 8, top + side - 10 - 16 * i, note, {
          ...{ className: 'ntk-halo', anchor: 'end', size: 12 },
        }),
      );
  }
  parts.push(
    text(left + (n * side + gap * (n - 1)) / 2, top + side + 42, chart.x, {
      ...{ className: 'ntk-muted', anchor: 'middle' },
    }),
    text(20, top + side / 2, chart.y, { className: 'ntk-muted', anchor: 'middle', rotate: -90 }),
  );
  const frame = { width, height: top + side + 58, title: chart.title, description: describe(chart) };
  return document(frame, idOf(JSON.stringify(chart)), ...parts);
};

interface PanelFrame {
  readonly x: Scale;
  readonly y: Scale;
  readonly ticks: readonly number[];
  readonly from: number;
  readonly top: number;
  readonly side: number;
  /** The leftmost one has the numbers of the y axis. */
  readonly first: boolean;
}

const drawFrame = ({ title }: ScatterPanel, { x, y, ticks, from, top, side, first }: PanelFrame): string => {
  const bottom = top + side;
  const parts = [text(from, top - 10, title, { weight: 600 })];
  for (const tick of ticks) {
    const own = { class: tick === 0 ? 'ntk-axis' : 'ntk-grid' };
    const label = { className: 'ntk-muted', size: 12 } as const;
    parts.push(line(x(tick), top, x(tick), bottom, own), line(from, y(tick), from + side, y(tick), own));
    parts.push(text(x(tick), bottom + 18, tickText(tick), { ...label, anchor: 'middle' }));
    if (first) parts.push(text(from - 8, y(tick) + 4, tickText(tick), { ...label, anchor: 'end' }));
  }
  parts.push(line(from, bottom, from + side, top, { class: 'ntk-strong', 'stroke-dasharray': '2 4' }));
  return parts.join('');
};

const drawPoints = ({ points, muted }: ScatterSeries, x: Scale, y: Scale, color: string): string =>
  points
    .map(([px, py]) =>
      element('circle', {
        ...{ cx: x(px), cy: y(py) },
        ...(muted
          ? { r: 2.5, class: 'ntk-axis', opacity: 0.7 }
          : { r: 3.2, fill: color, 'fill-opacity': 0.75 }),
      }),
    )
    .join('');

const drawLegend = (
  series: readonly ScatterSeries[],
  width: number,
): { readonly rows: number; readonly markup: string } => {
  if (series.length < 2) return { rows: 0, markup: '' };
  const parts: string[] = [];
  let [at, row, color] = [20, 0, 0];
  for (const { label, muted } of series) {
    const needed = 42 + textWidth(label, 12);
    if (at > 20 && at + needed > width) [at, row] = [20, row + 1];
    const y = 48 + 22 * row;
    const mark = muted ? { r: 3.5, class: 'ntk-axis' } : { r: 4.5, fill: colorOf(color++) };
    parts.push(element('circle', { cx: at + 6, cy: y, ...mark }), text(at + 18, y + 4, label, { size: 12 }));
    at += needed;
  }
  return { rows: row + 1, markup: parts.join('') };
};

const describe = ({ x, y, panels }: ScatterChart): string =>
  `Scatter chart of ${y} against ${x}, with the diagonal. ${panels
    .map(({ title, series, notes = [] }) => {
      const found = series
        .filter(({ points }) => points.length > 0)
        .map(({ label, points }) => {
          const away = Math.sqrt(points.reduce((sum, [a, b]) => sum + (b - a) ** 2, 0) / points.length);
          return `${label}, ${points.length} points, ${tickText(Number(away.toPrecision(2)))} from the diagonal (root mean square)`;
        });
      return [`${title}: ${found.join('; ')}`, ...notes].join(', ');
    })
    .join('. ')}.`;
