import type { NDArray } from '@ntk-lens/core';
import { FigureDataError } from '../errors.js';
import { drawBlockMeans } from './block-means.js';
import { cellsImage } from './cells-image.js';
import { drawColorBar } from './color-bar.js';
import { colorScale } from './color-scale.js';
import { type Label, labelWidth, plain } from './label.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { labelSpans, seriate } from './seriation.js';
import { document, element, type FigureText, headHeight, line, text } from './svg.js';

export interface HeatMap extends FigureText {
  /** Values, `[n, m]`. */
  readonly values: NDArray;
  /** The quantity of a value, such as `⟨∇f(x), ∇f(x′)⟩`, and its unit: over the colour bar. */
  readonly value: Label;
  readonly unit?: Label;
  readonly rows: HeatMapSide;
  readonly columns: HeatMapSide;
}

export interface HeatMapSide {
  /** The objects along this side, such as `training examples`. */
  readonly label: string;
  /** Group of each row or column (label index); examples are drawn group by group. */
  readonly groups: ArrayLike<number>;
  /** Names of the groups, by index. */
  readonly names: readonly string[];
}

const plotWidth = 470;

/**
 * Draws a kernel as a heat map with the means of its label blocks. Examples are ordered by label, and within
 * a label by the score of the nearest class mean, highest first. That score is the mean of K over the own
 * label on the other side minus that over the others. The picture does not depend on the order in which
 * examples are given. All values ≥ 0: a sequential scale; otherwise a diverging one with white at 0, both
 * uniform in CIELAB. The scale ends at the 1st and 99th percentile, so that a few large entries (a diagonal)
 * do not hide the rest; the colour bar says so.
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
export const heatMap = (map: HeatMap): string => drawHeatMap(map, true);

/** {@link heatMap}, with cells of several pixels or of one. */
export const drawHeatMap = (map: HeatMap, enlarged: boolean): string => {
  const [n, m] = checkHeatMap(map);
  const matrix = { values: map.values.data, rows: map.rows.groups, columns: map.columns.groups };
  const names = { rows: namesOf(map.rows), columns: namesOf(map.columns) };
  const order = seriate(matrix);
  const scale = colorScale(map.values.data, 0.01);
  const nameRoom = Math.max(...names.rows.map((name) => labelWidth(name, 12)));
  const left = 52 + Math.min(150, nameRoom);
  const top = headHeight(map) + 48;
  const height = Math.round(
    Math.min(640, Math.max(150, 24 + labelWidth(sideText(map.rows, n), 13), (n * plotWidth) / m)),
  );
  const box = { x: left, y: top, width: plotWidth, height };
  const heads = map.unit === undefined ? [map.value] : [map.value, map.unit];
  const bar = drawColorBar(scale, { ...box, x: left + plotWidth + 24 }, heads);
  const means = drawBlockMeans(matrix, names, bar.end + 24, top);
  const parts = [
    text(left + plotWidth / 2, top - 28, sideText(map.columns, m), {
      ...{ size: 13, fill: light.muted, anchor: 'middle', room: plotWidth },
    }),
    text(20, top + height / 2, sideText(map.rows, n), {
      ...{ size: 13, fill: light.muted, anchor: 'middle', rotate: -90, room: height + 40 },
    }),
    cellsImage(
      [n, m],
      (i, j) => scale.color(matrix.values[order.rows[i]! * m + order.columns[j]!]!),
      box,
      enlarged,
    ),
    drawSpans(map, [n, m], box),
    element('rect', { ...box, stroke: light.muted, fill: 'none' }),
    bar.markup,
    means.markup,
  ];
  const description = `Heat map of ${plain(map.value)}: ${n} ${map.rows.label} by ${m} ${map.columns.label}, ordered by label and within a label by likeness to it. The smallest value is ${tickText(scale.least)}, the largest ${tickText(scale.greatest)}. ${means.description}`;
  const frame = { width: means.end + 20, height: Math.max(top + height + 24, means.bottom + 24) };
  return document({ ...map, ...frame, description }, ...parts);
};

/** @returns the shape of a heat map's values; throws FigureDataError where something does not fit */
export const checkHeatMap = (map: HeatMap): readonly [number, number] => {
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
