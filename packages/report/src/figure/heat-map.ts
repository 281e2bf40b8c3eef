import type { NDArray } from '@ntk-lens/core';
import { interpolateRdBu, interpolateViridis } from 'd3-scale-chromatic';
import { encode } from 'fast-png';
import { FigureDataError } from '../errors.js';
import { tickText } from './number-format.js';
import { document, element, idOf, line, text, textWidth } from './svg.js';

export interface HeatMap {
  readonly title: string;
  /** Values, `[n, m]`. */
  readonly values: NDArray;
  /** What a value is, for the colour bar, such as `⟨∇f(x), ∇f(x′)⟩`. */
  readonly value: string;
  readonly rows: HeatMapSide;
  readonly columns: HeatMapSide;
}

export interface HeatMapSide {
  /** What is along this side, such as `training examples`. */
  readonly label: string;
  /** Group of each row or column (label index); examples are ordered by it, stably, and lines drawn between. */
  readonly groups: ArrayLike<number>;
  /** Names of the groups, by index. */
  readonly names: readonly string[];
}

const plotWidth = 560;

/**
 * Draws a kernel as a heat map, examples ordered by label with lines between the labels' spans.
 * All values ≥ 0: a sequential scale (viridis); otherwise a diverging one with white at 0. The scale ends at the
 * 1st and 99th percentile, so that a few large entries (a diagonal) do not hide the rest; the colour bar says so.
 *
 * @example
 * ```ts
 * heatMap({ title: 'K(train, test)', values: ndarray(gram, [32, 256]), value: 'kernel',
 *   rows: { label: 'train', groups: trainLabels, names: ['negative', 'positive'] },
 *   columns: { label: 'test', groups: testLabels, names: ['negative', 'positive'] } });
 * ```
 * @returns an SVG file as text, its values as an embedded PNG
 * @throws FigureDataError if shapes do not fit, nothing is there, or a value is not finite
 */
export const heatMap = (map: HeatMap): string => {
  const [n, m] = check(map);
  const rowOrder = orderOf(map.rows.groups);
  const columnOrder = orderOf(map.columns.groups);
  const scale = colorScale(map.values.data);
  const png = image([n, m], (i, j) => scale.color(map.values.data[rowOrder[i]! * m + columnOrder[j]!]!));
  const cell = plotWidth / m;
  const plotHeight = Math.round(
    Math.min(640, Math.max(120, 12 + textWidth(sideText(map.rows, n), 13), n * cell)),
  );
  const names = map.rows.names.slice(0, 1 + Math.max(...Array.from(map.rows.groups)));
  const left = Math.min(180, 52 + Math.max(...names.map((name) => textWidth(name, 12))));
  const top = 76;
  const [right, bottom] = [left + plotWidth, top + plotHeight];

  const parts = [
    text(left + plotWidth / 2, top - 26, sideText(map.columns, m), {
      className: 'ntk-muted',
      anchor: 'middle',
    }),
    text(18, top + plotHeight / 2, sideText(map.rows, n), {
      className: 'ntk-muted',
      anchor: 'middle',
      rotate: -90,
    }),
    element('image', {
      x: left,
      y: top,
      width: plotWidth,
      height: plotHeight,
      preserveAspectRatio: 'none',
      style: 'image-rendering:pixelated',
      'image-rendering': 'optimizeSpeed',
      href: `data:image/png;base64,${png}`,
    }),
  ];
  let written = Number.NEGATIVE_INFINITY;
  for (const span of spansOf(map.columns.groups)) {
    const [from, to] = [left + (span.start / m) * plotWidth, left + (span.end / m) * plotWidth];
    if (span.start > 0) parts.push(divider(from, top, from, bottom));
    const name = nameOf(map.columns, span.group);
    const half = textWidth(name, 12) / 2;
    if ((from + to) / 2 - half < written) continue;
    written = (from + to) / 2 + half + 4;
    parts.push(text((from + to) / 2, top - 8, name, { anchor: 'middle', size: 12 }));
  }
  for (const span of spansOf(map.rows.groups)) {
    const [from, to] = [top + (span.start / n) * plotHeight, top + (span.end / n) * plotHeight];
    if (span.start > 0) parts.push(divider(left, from, right, from));
    if (to - from < 12) continue;
    parts.push(
      text(left - 8, (from + to) / 2 + 4, nameOf(map.rows, span.group), { anchor: 'end', size: 12 }),
    );
  }
  parts.push(element('rect', { x: left, y: top, width: plotWidth, height: plotHeight, class: 'ntk-axis' }));
  parts.push(colorBar(scale, { x: right + 24, top, height: plotHeight, value: map.value }));

  const description = `Heat map of ${map.value}: ${n} ${map.rows.label} by ${m} ${map.columns.label}, ordered by label. Smallest ${tickText(scale.least)}, largest ${tickText(scale.greatest)}. ${meansByLabel(map)}`;
  const frame = { width: right + 130, height: bottom + 24, title: map.title, description };
  const fingerprint = `${map.title}${map.value}${n}x${m}${png}`;
  return document(frame, idOf(fingerprint), ...parts);
};

/** Dark on a white halo: seen on every colour of both scales. */
const divider = (x1: number, y1: number, x2: number, y2: number): string =>
  line(x1, y1, x2, y2, { stroke: '#ffffff', 'stroke-width': 3.5 }) +
  line(x1, y1, x2, y2, { stroke: '#1f2328', 'stroke-width': 1.5 });

const check = (map: HeatMap): readonly [number, number] => {
  const [n, m] = map.values.shape;
  if (map.values.shape.length !== 2 || n === undefined || m === undefined || n * m === 0) {
    throw new FigureDataError('Heat map', `shape [${map.values.shape}]`, '[n, m] with n, m ≥ 1');
  }
  if (map.rows.groups.length !== n || map.columns.groups.length !== m) {
    const found = `${map.rows.groups.length} row and ${map.columns.groups.length} column groups`;
    throw new FigureDataError('Heat map', found, `${n} and ${m}, one per row and column`);
  }
  const bad = map.values.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new FigureDataError('Heat map', `${map.values.data[bad]} at index ${bad}`, 'finite values');
  return [n, m];
};

const orderOf = (groups: ArrayLike<number>): number[] =>
  Array.from({ length: groups.length }, (_, i) => i).sort((a, b) => groups[a]! - groups[b]! || a - b);

const spansOf = (groups: ArrayLike<number>): { group: number; start: number; end: number }[] => {
  const sorted = Array.from(groups).sort((a, b) => a - b);
  return [...new Set(sorted)].map((group) => ({
    group,
    start: sorted.indexOf(group),
    end: sorted.lastIndexOf(group) + 1,
  }));
};

const nameOf = (side: HeatMapSide, group: number): string => side.names[group] ?? String(group);

/** Mean value of each pair of labels: what the picture shows, for a reader who does not see it. */
const meansByLabel = ({ values, rows, columns }: HeatMap): string => {
  const m = values.shape[1]!;
  const sums = new Map<string, { sum: number; count: number }>();
  for (let i = 0; i < values.data.length; i++) {
    const key = `${nameOf(rows, rows.groups[Math.floor(i / m)]!)} with ${nameOf(columns, columns.groups[i % m]!)}`;
    const entry = sums.get(key) ?? { sum: 0, count: 0 };
    sums.set(key, { sum: entry.sum + values.data[i]!, count: entry.count + 1 });
  }
  const means = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return `Mean by label: ${means.map(([key, { sum, count }]) => `${key} ${tickText(sum / count)}`).join('; ')}.`;
};

interface ColorScale {
  readonly low: number;
  readonly high: number;
  readonly least: number;
  readonly greatest: number;
  readonly color: (value: number) => readonly [number, number, number];
}

const colorScale = (values: ArrayLike<number>): ColorScale => {
  const sorted = Float64Array.from(values).sort();
  const [least, greatest] = [sorted[0]!, sorted.at(-1)!];
  let low = sorted[Math.floor(0.01 * (sorted.length - 1))]!;
  let high = sorted[Math.ceil(0.99 * (sorted.length - 1))]!;
  const diverging = least < 0;
  if (diverging) {
    high = Math.max(Math.abs(low), Math.abs(high));
    low = -high;
  }
  if (low === high) [low, high] = diverging ? [-1, 1] : [low, low + (Math.abs(low) || 1)];
  const map = diverging ? (t: number) => interpolateRdBu(1 - t) : interpolateViridis;
  const color = (value: number): readonly [number, number, number] =>
    rgb(map(Math.min(1, Math.max(0, (value - low) / (high - low)))));
  return { low, high, least, greatest, color };
};

/** d3 gives `rgb(r, g, b)` or `#rrggbb`. */
const rgb = (color: string): readonly [number, number, number] => {
  const hex = /^#(..)(..)(..)$/.exec(color);
  const parts = hex ? hex.slice(1).map((c) => Number.parseInt(c, 16)) : color.match(/\d+/g)!.map(Number);
  return [parts[0]!, parts[1]!, parts[2]!];
};

const colorBar = (
  scale: ColorScale,
  at: { readonly x: number; readonly top: number; readonly height: number; readonly value: string },
): string => {
  const steps = 128;
  const png = image([steps, 1], (i) =>
    scale.color(scale.high - ((scale.high - scale.low) * i) / (steps - 1)),
  );
  const box = { x: at.x, y: at.top, width: 16, height: at.height };
  const href = `data:image/png;base64,${png}`;
  const ends = [
    { y: at.top + 9, label: `${scale.high < scale.greatest ? '≥ ' : ''}${tickText(scale.high)}` },
    { y: at.top + at.height / 2 + 4, label: tickText((scale.low + scale.high) / 2) },
    { y: at.top + at.height, label: `${scale.low > scale.least ? '≤ ' : ''}${tickText(scale.low)}` },
  ];
  return [
    element('image', { ...box, preserveAspectRatio: 'none', href }),
    element('rect', { ...box, class: 'ntk-axis' }),
    ...ends.map(({ y, label }) => text(at.x + 22, y, label, { size: 12 })),
    text(at.x + 16, at.top - 26, at.value, { className: 'ntk-muted', anchor: 'middle', size: 12 }),
  ].join('');
};

/** Cells become squares of several pixels: renderers that smooth an enlarged image would blur single ones. */
const image = (
  [n, m]: readonly [number, number],
  color: (i: number, j: number) => readonly [number, number, number],
): string => {
  const [high, wide] = [n, m].map((count) => Math.min(64, Math.max(1, Math.floor(1120 / count)))) as [
    number,
    number,
  ];
  const row = m * wide * 3;
  const data = new Uint8Array(n * high * row);
  for (let i = 0; i < n; i++) {
    const start = i * high * row;
    for (let j = 0; j < m; j++) {
      const pixel = color(i, j);
      for (let k = 0; k < wide; k++) data.set(pixel, start + (j * wide + k) * 3);
    }
    for (let k = 1; k < high; k++) data.copyWithin(start + k * row, start, start + row);
  }
  return base64(encode({ width: m * wide, height: n * high, data, channels: 3, depth: 8 }));
};

const sideText = (side: HeatMapSide, count: number): string => `${side.label} (${count})`;

/** btoa takes one character per byte; chunks keep the argument list within bounds. */
const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
};
