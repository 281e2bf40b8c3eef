import { FigureDataError } from '../errors.js';
import { type AxisScale, axisScale, drawLabels, drawX, drawY, leftOf } from './axis.js';
import { type Label, plain } from './label.js';
import { drawLegend } from './legend.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { seriesMark } from './series-style.js';
import { document, element, type FigureText, headHeight, line, text } from './svg.js';

export interface ScatterSeries {
  readonly label: Label;
  /** Pairs of x and y. */
  readonly points: readonly (readonly [number, number])[];
  /** Grey rings below the others, for what the others are compared with. */
  readonly muted?: boolean;
}

export interface ScatterPanel {
  readonly title: Label;
  readonly series: readonly ScatterSeries[];
  /** Lines in the panel's lower right corner, such as an error. */
  readonly notes?: readonly Label[];
}

export interface ScatterChart extends FigureText {
  /** Both axes measure the same quantity, so that the diagonal is agreement. */
  readonly x: Label;
  readonly y: Label;
  /** Side by side on equal axes. */
  readonly panels: readonly ScatterPanel[];
}

const gap = 34;
const right = 24;
const widest = 720;
const largestSide = 380;

/**
 * Draws y against x on square panels with the diagonal y = x: how well one number predicts another of the same kind.
 *
 * @example
 * ```ts
 * scatterChart({
 *   title: 'Linearized against fine-tuned', x: math`f(ξ; θ_T)`, y: math`f_{lin}(ξ)`,
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
  const n = panels.length;
  const axis = { label: '' };
  const count = n > 1 ? 4 : 6;
  const left = leftOf(axisScale(axis, values, [0, largestSide], { count }).ticks);
  const side = Math.min(largestSide, (widest - left - right - gap * (n - 1)) / n);
  const width = Math.max(560, left + n * side + gap * (n - 1) + right);
  const kinds = [
    ...new Map(panels.flatMap(({ series }) => series).map((one) => [plain(one.label), one])).values(),
  ];
  const colored = kinds.filter(({ muted }) => !muted).map(({ label }) => plain(label));
  const mark = ({ label, muted }: ScatterSeries, x: number, y: number): string =>
    muted ? ring(x, y) : seriesMark(colored.indexOf(plain(label)), x, y, 0.75);
  const legend = drawLegend(
    kinds.map((kind) => ({ label: kind.label, width: 10, sample: (x, y) => mark(kind, x + 5, y) })),
    headHeight(chart),
    width,
  );
  const top = headHeight(chart) + legend.height + 30;
  const bottom = top + side;

  const parts = [legend.markup];
  for (const [p, panel] of panels.entries()) {
    const from = left + p * (side + gap);
    const box = { left: from, right: from + side, top, bottom };
    const x = axisScale(axis, values, [from, from + side], { count });
    const y = axisScale(axis, values, [bottom, top], { count });
    parts.push(
      text(from, top - 10, panel.title, { size: 13, bold: true, room: side }),
      drawX(x, box) + drawY(y, box, p === 0) + drawZero(x, y, box),
      line(from, bottom, from + side, top, { stroke: light.text, 'stroke-dasharray': '2 4' }),
    );
    for (const one of [...panel.series].sort((a, b) => Number(b.muted ?? false) - Number(a.muted ?? false)))
      parts.push(...one.points.map(([px, py]) => mark(one, x.at(px), y.at(py))));
    for (const [i, note] of [...(panel.notes ?? [])].reverse().entries())
      parts.push(
        text(from + side - 8, bottom - 10 - 16 * i, note, { halo: true, anchor: 'end', room: side - 16 }),
      );
  }
  const box = { left, right: left + n * side + gap * (n - 1), top, bottom };
  parts.push(drawLabels(chart.x, chart.y, box));
  return document({ ...chart, width, height: bottom + 58, description: describe(chart) }, ...parts);
};

const ring = (cx: number, cy: number): string =>
  element('circle', { cx, cy, r: 2.8, stroke: light.muted, fill: 'none', 'stroke-opacity': 0.7 });

/** The lines x = 0 and y = 0, where they are in the plot. */
const drawZero = (
  x: AxisScale,
  y: AxisScale,
  box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
): string => {
  if (!x.ticks.includes(0)) return '';
  const look = { stroke: light.muted };
  return (
    line(x.at(0), box.top, x.at(0), box.bottom, look) + line(box.left, y.at(0), box.right, y.at(0), look)
  );
};

const describe = ({ x, y, panels }: ScatterChart): string =>
  `Scatter chart of ${plain(y)} against ${plain(x)}, with the diagonal. ${panels
    .map(({ title, series, notes = [] }) => {
      const found = series
        .filter(({ points }) => points.length > 0)
        .map(({ label, points }) => {
          const away = Math.sqrt(points.reduce((sum, [a, b]) => sum + (b - a) ** 2, 0) / points.length);
          return `${plain(label)}, ${points.length} points, ${tickText(Number(away.toPrecision(2)))} from the diagonal (root mean square)`;
        });
      return [`${plain(title)}: ${found.join('; ')}`, ...notes.map(plain)].join(', ');
    })
    .join('. ')}.`;
