import * as Plot from '@observablehq/plot';
import { FigureDataError } from '../errors.js';
import { logTicks } from './axis.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { drawPlot } from './plot.js';
import { document, type FigureText, headHeight, text } from './svg.js';

/** Eigenvalues of a kernel, the largest first, and how the labels lie along their eigenvectors. */
export interface SpectrumChart extends FigureText {
  readonly eigenvalues: ArrayLike<number>;
  /** Part of the centred labels along each eigenvector, between 0 and 1; together they are at most 1. */
  readonly shares: ArrayLike<number>;
}

const width = 720;
const side = { left: 84, right: 24 };

/**
 * Draws the spectrum of a kernel over the part of the labels that lies along each eigenvector, with the sum of the parts.
 * Eigenvalues that are zero or negative are left out of the logarithmic axis, and counted in the description.
 *
 * @example
 * ```ts
 * spectrumChart({ title: 'Spectrum of the SGD kernel', eigenvalues: [9, 3, 0.1], shares: [0.1, 0.7, 0.2] });
 * ```
 * @returns an SVG file as text
 * @throws FigureDataError if nothing is there, lengths differ, or a number is not finite
 */
export const spectrumChart = (chart: SpectrumChart): string => {
  const { eigenvalues, shares } = chart;
  const n = eigenvalues.length;
  if (n === 0 || shares.length !== n)
    throw new FigureDataError(
      'Spectrum',
      `${n} eigenvalues and ${shares.length} shares`,
      'as many of both, at least one',
    );
  const bad = [...Array.from(eigenvalues), ...Array.from(shares)].find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new FigureDataError('Spectrum', String(bad), 'finite values');

  let sum = 0;
  const points = Array.from(eigenvalues, (value, i) => {
    sum += shares[i]!;
    return { index: i + 1, value, share: shares[i]!, sum };
  });
  const positive = points.filter(({ value }) => value > 0);
  const top = headHeight(chart) + 24;
  const x = { domain: [0.5, n + 0.5], label: null };
  const dot = n <= 60 ? 3.2 : n <= 250 ? 2.2 : 1.6;
  const upper = drawPlot({
    ...{
      width,
      height: 190,
      marginLeft: side.left,
      marginRight: side.right,
      marginTop: 12,
      marginBottom: 10,
    },
    x: { ...x, axis: null },
    y: {
      type: positive.length > 0 ? 'log' : 'linear',
      label: null,
      ...spread(positive.map(({ value }) => value)),
      tickFormat: (value) => tickText(Number(value)),
      grid: true,
    },
    marks: [Plot.dot(positive, { x: 'index', y: 'value', r: dot, fill: light.series[0]! })],
  });
  const lower = drawPlot({
    ...{
      width,
      height: 170,
      marginLeft: side.left,
      marginRight: side.right,
      marginTop: 12,
      marginBottom: 28,
    },
    x: { ...x, ticks: 8, tickFormat: (value) => (Number.isInteger(value) ? String(value) : '') },
    y: {
      domain: [0, 1],
      percent: false,
      label: null,
      ticks: 4,
      tickFormat: (value) => `${Math.round(Number(value) * 100)} %`,
      grid: true,
    },
    marks: [
      Plot.rectY(points, {
        x1: (d) => d.index - 0.4,
        x2: (d) => d.index + 0.4,
        y: 'share',
        fill: light.series[3]!,
      }),
      Plot.lineY(points, {
        x: 'index',
        y: 'sum',
        stroke: light.series[2]!,
        strokeWidth: 2,
        strokeDasharray: '8 4',
        curve: 'step',
      }),
    ],
  });
  const middle = top + 190 + 26;
  const label = { size: 13, fill: light.muted } as const;
  const parts = [
    text(20, top, 'eigenvalue (log scale)', label),
    `<g transform="translate(0 ${top})">${upper}</g>`,
    text(20, middle, 'part of the labels along each eigenvector (bars), and their sum (line)', label),
    `<g transform="translate(0 ${middle})">${lower}</g>`,
    text((side.left + width - side.right) / 2, middle + 184, 'eigenvector, from the largest eigenvalue', {
      ...label,
      anchor: 'middle',
    }),
  ];
  return document({ ...chart, width, height: middle + 200, description: describe(points) }, ...parts);
};

/** Eigenvalues with room above and below them, and a number at each power of ten where there are some. */
const spread = (values: readonly number[]) => {
  if (values.length === 0) return { ticks: 5 };
  const [least, most] = [Math.min(...values) / 1.4, Math.max(...values) * 1.4];
  return { domain: [least, most], ticks: logTicks(least, most, 1.5) };
};

const describe = (
  points: readonly { index: number; value: number; share: number; sum: number }[],
): string => {
  const [first, last] = [points[0]!, points.at(-1)!];
  const below = points.filter(({ value }) => value <= 0).length;
  const best = [...points].sort((a, b) => b.share - a.share).slice(0, 3);
  const half = points.find(({ sum }) => sum >= 0.5);
  return [
    `Spectrum of ${points.length} eigenvalues, from ${tickText(first.value)} to ${tickText(last.value)}${below > 0 ? `; ${below} are not positive and are not drawn` : ''}.`,
    `The labels lie most along eigenvectors ${best.map(({ index, share }) => `${index} (${tickText(Number((100 * share).toPrecision(3)))} %)`).join(', ')}.`,
    half ? `The first ${half.index} have half of them.` : '',
  ]
    .join(' ')
    .trim();
};
