import { ndarray } from '@ntk-lens/core';
import { type ColorScale, colorScale } from '../../figure/color-scale.js';
import { checkHeatMap, drawHeatMap, type HeatMap, type HeatMapSide } from '../../figure/heat-map.js';
import { plain } from '../../figure/label.js';
import { tickText } from '../../figure/number-format.js';
import { blockMeans, type LabelledMatrix, labelSpans } from '../../figure/seriation.js';
import { type AveragedMatrix, averaged } from '../heat-map/average.js';
import { clusterOrder, similarityOrder } from '../heat-map/orders.js';
import { embedded, html, type Markup, trusted } from '../markup.js';
import type { TextPool } from '../text-pool.js';
import { renderTable } from './table-part.js';

/** A side of a heat map whose examples have texts, which are shown under the cursor. */
export interface ExampleSide extends HeatMapSide {
  /** The texts of each row or column; absent where they are not known. */
  readonly texts?: readonly (readonly string[])[];
  /**
   * Examples of each row or column, where several are averaged already (`averagedRows`); `texts` are those of the examples.
   * Default: one each.
   */
  readonly members?: readonly (readonly number[])[];
}

/**
 * A kernel that readers look at entry by entry: zoomed and moved, ordered by label, by cluster or by similarity, with the two
 * texts of the entry under the cursor. Without scripts it is the figure that `heatMap` draws.
 */
export interface HeatMapPart {
  readonly kind: 'heat-map';
  readonly map: Omit<HeatMap, 'rows' | 'columns'> & {
    readonly rows: ExampleSide;
    readonly columns: ExampleSide;
  };
  /** Most rows and columns that are kept; more are averaged. Default: 512. */
  readonly most?: number;
}

const MOST = 512;
/** Rows and columns of the figure without scripts. */
const MOST_STATIC = 256;
/** A text under the cursor is as long as a line or two. */
const LONGEST = 200;

/** The data of a heat map, as the script of a page reads them. */
export interface HeatMapData {
  readonly size: readonly [number, number];
  /** One byte for each entry, row by row, in base64: 0 is the low end of the scale and 255 the high end. */
  readonly bytes: string;
  /** Three bytes for each of the 256 colours, in base64. */
  readonly colors: string;
  readonly low: number;
  readonly high: number;
  readonly orders: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>;
  readonly rows: SideData;
  readonly columns: SideData;
}

/** Examples of each row or column: indices, label, and places of the first one's texts in the page's pool. */
interface SideData {
  readonly label: string;
  readonly names: readonly string[];
  readonly groups: readonly number[];
  readonly members: readonly (readonly number[])[];
  readonly texts: readonly (readonly number[])[];
}

const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
};

const clipped = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`);

const sideData = (
  side: ExampleSide,
  groups: readonly number[],
  places: readonly (readonly number[])[],
  pool: TextPool,
): SideData => {
  const { members: known } = side;
  const members = known ? places.map((own) => own.flatMap((place) => known[place]!)) : places;
  return {
    label: side.label,
    ...{ names: side.names, groups, members },
    texts: members.map(([first]) => (side.texts?.[first!] ?? []).map((text) => pool.placeOf(clipped(text)))),
  };
};

const dataOf = (
  part: HeatMapPart,
  matrix: AveragedMatrix,
  scale: ColorScale,
  pool: TextPool,
): HeatMapData => {
  const { values, rows, columns, rowGroups, columnGroups } = matrix;
  const [n, m] = [rows.length, columns.length];
  const byte = (value: number): number =>
    Math.round(255 * Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low))) || 0);
  const steps = Array.from({ length: 256 }, (_, i) => scale.low + ((scale.high - scale.low) * i) / 255);
  const [cluster, similarity] = [clusterOrder(values, n, m), similarityOrder(values, n, m)];
  return {
    size: [n, m],
    bytes: base64(Uint8Array.from(values, byte)),
    colors: base64(Uint8Array.from(steps.flatMap((value) => scale.color(value)))),
    ...{ low: scale.low, high: scale.high },
    orders: {
      label: [rows.map((_, i) => i), columns.map((_, j) => j)],
      cluster: [cluster.rows, cluster.columns],
      similarity: [similarity.rows, similarity.columns],
    },
    rows: sideData(part.map.rows, rowGroups, rows, pool),
    columns: sideData(part.map.columns, columnGroups, columns, pool),
  };
};

/** The figure for readers without scripts: coarser than the map, and its rows and columns say so. */
const staticFigure = ({ map }: HeatMapPart, matrix: LabelledMatrix): string => {
  const { values, rows, columns, rowGroups, columnGroups } = averaged(matrix, MOST_STATIC);
  const side = (own: ExampleSide, groups: readonly number[]): HeatMapSide => ({
    ...{ names: own.names, groups },
    label: own.members || groups.length < own.groups.length ? `${own.label}, averaged` : own.label,
  });
  return drawHeatMap(
    {
      ...map,
      values: ndarray<'float64'>(values, [rows.length, columns.length]),
      rows: side(map.rows, rowGroups),
      columns: side(map.columns, columnGroups),
    },
    false,
  );
};

/** The mean of every pair of labels, as a table. */
const meansTable = ({ map }: HeatMapPart, matrix: LabelledMatrix) => {
  const names = (side: ExampleSide): string[] =>
    labelSpans(side.groups).map(({ label }) => side.names[label] ?? String(label));
  const [rows, columns] = [names(map.rows), names(map.columns)];
  return {
    title: `Means of ${plain(map.value)} by label`,
    columns: [
      { header: `${map.rows.label} ↓ ${map.columns.label} →`, align: 'left' as const },
      ...columns.map((header) => ({ header })),
    ],
    rows: blockMeans(matrix).map((means, i) => ({
      cells: [rows[i]!, ...means.map((mean) => Number(mean.toPrecision(3)))],
    })),
  };
};

/** The first text below a map. */
const usage =
  'Point at an entry, or use the arrow keys, to see its two examples. Drag to move. Zoom with the buttons, or with Ctrl and the wheel.';

const orders = {
  label: 'label, typical examples first',
  cluster: 'cluster',
  similarity: 'similarity (leading singular vectors)',
} as const;

export const renderHeatMap = (part: HeatMapPart, pool: TextPool): Markup => {
  const { map, most = MOST } = part;
  const matrix = { values: map.values.data, rows: map.rows.groups, columns: map.columns.groups };
  checkHeatMap(map);
  const small = averaged(matrix, most);
  const svg = staticFigure(part, {
    values: small.values,
    rows: small.rowGroups,
    columns: small.columnGroups,
  });
  const scale = colorScale(small.values, 0.01);
  const data = dataOf(part, small, scale, pool);
  const name = `${plain(map.title)}: ${plain(map.value)}`;
  const ends = {
    low: `${scale.low > scale.least ? '≤ ' : ''}${tickText(scale.low)}`,
    high: `${scale.high < scale.greatest ? '≥ ' : ''}${tickText(scale.high)}`,
  };
  return html`<div class="heat-map">
  <div class="live" hidden>
    <div class="controls">
      <label>Order <select>${Object.entries(orders).map(
        ([value, text]) => html`<option value="${value}">${text}</option>`,
      )}</select></label>
      <span class="zoom">
        <button type="button" data-zoom="1.5" aria-label="Zoom in">+</button>
        <button type="button" data-zoom="0.6667" aria-label="Zoom out">−</button>
        <button type="button" data-zoom="0">Whole</button>
      </span>
    </div>
    <div class="stage">
      <canvas tabindex="0" role="application" aria-roledescription="heat map" aria-label="${name}"></canvas>
    </div>
    <div class="scale">
      <span>${ends.low}</span><i></i><span>${ends.high}</span>
      <b>${plain(map.value)}${map.unit === undefined ? '' : `, ${plain(map.unit)}`}</b>
    </div>
    <div class="readout" role="status" aria-live="polite">${usage}</div>
  </div>
  <figure class="drawn static">${trusted(svg)}</figure>
  ${renderTable({ kind: 'table', table: meansTable(part, matrix) })}
  ${embedded('heat-map', data)}
</div>`;
};
