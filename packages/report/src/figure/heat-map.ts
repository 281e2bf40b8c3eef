import type { NDArray } from '@ntk-lens/core';
import { FigureDataError } from '../errors.js';
import { cellsImage } from './cells-image.js';
import { type ColorScale, colorScale } from './color-scale.js';
import { type Label, labelWidth, plain } from './label.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { blockMeans, type LabelledMatrix, labelSpans, seriate } from './seriation.js';
import { document, element, type FigureText, headHeight, line, text } from './svg.js';

export interface HeatMap extends FigureText {
  /** Values, `[n, m]`. */
  readonly values: NDArray;
  /** What a value is, such as `⟨∇f(x), ∇f(x′)⟩`, and its unit: over the colour bar. */
  readonly value: Label;
  readonly unit?: Label;
  readonly rows: HeatMapSide;
  readonly columns: HeatMapSide;
}

export interface HeatMapSide {
  /** What is along this side, such as `training examples`. */
  readonly label: string;
  /** Group of each row or column (label index); examples are drawn group by group. */
  readonly groups: ArrayLike<number>;
  /** Names of the groups, by index. */
  readonly names: readonly string[];
}

const plotWidth = 470;
/** Widest text over the colour bar. */
const headRoom = 160;
const meanCell = { width: 58, height: 30 };
/** More labels have means without room for their numbers. */
const mostNumbers = 6;

/**
 * Draws a kernel as a heat map with the means of its label blocks beside it. Examples are ordered by label, and within
 * a label by the score of the nearest class mean: the mean of K over the own label on the other side minus that over
 * the others, highest first. The picture does not depend on the order in which examples are given.
 * All values ≥ 0: a sequential scale; otherwise a diverging one with white at 0, both uniform in CIELAB. The scale ends
 * at the 1st and 99th percentile, so that a few large entries (a diagonal) do not hide the rest; the colour bar says so.
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
  const matrix = { values: map.values.data, rows: map.rows.groups, columns: map.columns.groups };
  const order = seriate(matrix);
  const scale = colorScale(map.values.data, 0.01);
  const nameRoom = Math.max(...namesOf(map.rows).map((name) => labelWidth(name, 12)));
  const left = 52 + Math.min(150, nameRoom);
  const top = headHeight(map) + 48;
  const height = Math.round(
    Math.min(640, Math.max(150, 24 + labelWidth(sideText(map.rows, n), 13), (n * plotWidth) / m)),
  );
  const box = { x: left, y: top, width: plotWidth, height };
  const bar = drawColorBar(scale, { ...box, x: left + plotWidth + 24 }, map);
  const means = drawMeans(map, matrix, bar.end + 24, top);
  const parts = [
    text(left + plotWidth / 2, top - 28, sideText(map.columns, m), {
      ...{ size: 13, fill: light.muted, anchor: 'middle', room: plotWidth },
    }),
    text(20, top + height / 2, sideText(map.rows, n), {
      ...{ size: 13, fill: light.muted, anchor: 'middle', rotate: -90, room: height + 40 },
    }),
    cellsImage([n, m], (i, j) => scale.color(matrix.values[order.rows[i]! * m + order.columns[j]!]!), box),
    drawSpans(map, [n, m], box),
    element('rect', { ...box, stroke: light.muted, fill: 'none' }),
    bar.markup,
    means.markup,
  ];
  const description = `Heat map of ${plain(map.value)}: ${n} ${map.rows.label} by ${m} ${map.columns.label}, ordered by label and within a label by likeness to it. Smallest ${tickText(scale.least)}, largest ${tickText(scale.greatest)}. ${means.description}`;
  const frame = { width: means.end + 20, height: Math.max(top + height + 24, means.bottom + 24) };
  return document({ ...map, ...frame, description }, ...parts);
};

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

const sideText = (side: HeatMapSide, count: number): string => `${side.label} (${count})`;

/** Names of the groups that occur, in order. */
const namesOf = ({ groups, names }: HeatMapSide): string[] =>
  labelSpans(groups).map(({ label }) => names[label] ?? String(label));

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Lines between the labels' blocks, and the labels' names along both sides. */
const drawSpans = ({ rows, columns }: HeatMap, [n, m]: readonly [number, number], box: Box): string => {
  const parts: string[] = [];
  const [rowNames, columnNames] = [namesOf(rows), namesOf(columns)];
  for (const [k, { start, end }] of labelSpans(columns.groups).entries()) {
    const [from, to] = [box.x + (start / m) * box.width, box.x + (end / m) * box.width];
    if (start > 0) parts.push(divider(from, box.y, from, box.y + box.height));
    parts.push(line(from + 2, box.y - 4, to - 2, box.y - 4, { stroke: light.muted }));
    if (to - from < Math.min(40, labelWidth(columnNames[k]!, 12))) continue;
    parts.push(text((from + to) / 2, box.y - 9, columnNames[k]!, { anchor: 'middle', room: to - from }));
  }
  for (const [k, { start, end }] of labelSpans(rows.groups).entries()) {
    const [from, to] = [box.y + (start / n) * box.height, box.y + (end / n) * box.height];
    if (start > 0) parts.push(divider(box.x, from, box.x + box.width, from));
    parts.push(line(box.x - 4, from + 2, box.x - 4, to - 2, { stroke: light.muted }));
    if (to - from < 12) continue;
    parts.push(text(box.x - 10, (from + to) / 2 + 4, rowNames[k]!, { anchor: 'end', room: box.x - 42 }));
  }
  return parts.join('');
};

/** Dark on a white rim: seen on every colour of both scales, which are the same in the dark. */
const divider = (x1: number, y1: number, x2: number, y2: number): string =>
  line(x1, y1, x2, y2, { stroke: '#fff', 'stroke-width': 3 }) +
  line(x1, y1, x2, y2, { stroke: '#000', 'stroke-width': 1.2 });

/** The colours with their values, what they are and their unit. */
const drawColorBar = (
  { low, high, least, greatest, color }: ColorScale,
  { x, y, height }: Box,
  { value, unit }: HeatMap,
): { readonly end: number; readonly markup: string } => {
  const steps = 128;
  const box = { x, y, width: 16, height };
  const ticks = [
    { at: y + 9, label: `${high < greatest ? '≥ ' : ''}${tickText(high)}` },
    { at: y + height / 2 + 4, label: tickText((low + high) / 2) },
    { at: y + height, label: `${low > least ? '≤ ' : ''}${tickText(low)}` },
  ];
  const heads = unit === undefined ? [value] : [value, unit];
  const markup = [
    cellsImage([steps, 1], (i) => color(high - ((high - low) * i) / (steps - 1)), box),
    element('rect', { ...box, stroke: light.muted, fill: 'none' }),
    ...ticks.map(({ at, label }) => text(x + 22, at, label)),
    ...heads.map((head, i) =>
      text(x, y - 11 - 17 * (heads.length - 1 - i), head, { fill: light.muted, room: headRoom }),
    ),
  ].join('');
  const widths = [
    ...ticks.map(({ label }) => 22 + labelWidth(label, 12)),
    ...heads.map((h) => Math.min(headRoom, labelWidth(h, 12))),
  ];
  return { end: x + Math.max(...widths), markup };
};

/** The mean of each pair of labels as a small matrix, its colours on a scale of its own. */
const drawMeans = (map: HeatMap, matrix: LabelledMatrix, x: number, top: number) => {
  const means = blockMeans(matrix);
  const [rows, columns] = [namesOf(map.rows), namesOf(map.columns)];
  const numbered = Math.max(rows.length, columns.length) <= mostNumbers;
  const written = means.map((row) => row.map((mean) => tickText(Number(mean.toPrecision(3)))));
  const widest = Math.max(
    ...written.flat().map((number) => labelWidth(number, 12)),
    ...columns.map((name) => labelWidth(name, 12)),
  );
  const cell = numbered
    ? { ...meanCell, width: Math.max(meanCell.width, Math.min(90, widest + 10)) }
    : { width: 14, height: 14 };
  const left = x + 10 + (numbered ? Math.min(120, Math.max(...rows.map((name) => labelWidth(name, 12)))) : 0);
  const box = { x: left, y: top, width: cell.width * columns.length, height: cell.height * rows.length };
  const scale = colorScale(means.flat(), 0);
  const parts = [
    text(x, top - 28, 'means of the blocks', { size: 13, fill: light.muted }),
    cellsImage([rows.length, columns.length], (i, j) => scale.color(means[i]![j]!), box),
    element('rect', { ...box, stroke: light.muted, fill: 'none' }),
  ];
  if (numbered) {
    for (const [j, name] of columns.entries())
      parts.push(text(left + cell.width * (j + 0.5), top - 9, name, { anchor: 'middle', room: cell.width }));
    for (const [i, name] of rows.entries()) {
      const y = top + cell.height * (i + 0.5) + 4;
      parts.push(text(left - 8, y, name, { anchor: 'end', room: left - 8 - x }));
      for (const [j, number] of written[i]!.entries()) {
        const [r, g, b] = scale.color(means[i]![j]!);
        const fill = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#000' : '#fff';
        parts.push(text(left + cell.width * (j + 0.5), y, number, { anchor: 'middle', fill }));
      }
    }
  }
  const pairs = rows.flatMap((row, i) =>
    columns.map((column, j) => `${row} with ${column} ${written[i]![j]}`),
  );
  return {
    ...{
      end: Math.max(left + box.width, x + labelWidth('means of the blocks', 13)),
      bottom: top + box.height,
    },
    ...{ markup: parts.join(''), description: `Mean by label: ${pairs.join('; ')}.` },
  };
};
