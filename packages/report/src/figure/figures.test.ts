import { ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { decode } from 'fast-png';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { barChart } from './bar-chart.js';
import { heatMap } from './heat-map.js';
import { lineChart } from './line-chart.js';
import { tickText } from './number-format.js';
import { dark, light, seriesColors } from './palette.js';
import { scatterChart } from './scatter-chart.js';

const parser = new XMLParser({ ignoreAttributes: false, processEntities: true });
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom('<&>"\'', ']]>', '-->', 'x'),
);
const side = (label: string, groups: readonly number[]) => ({ label, groups, names: ['no', 'yes'] });

const wellFormed = (svg: string): void => expect(XMLValidator.validate(svg)).toBe(true);

describe('every figure', () => {
  it('is well-formed XML whatever the labels say', () => {
    fc.assert(
      fc.property(words, words, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (a, b, value) => {
        wellFormed(
          barChart({
            title: a,
            axis: b,
            bars: [{ label: b, value, group: a }],
            references: [{ label: a, value }],
          }),
        );
        wellFormed(
          lineChart({
            title: a,
            x: { label: b },
            y: { label: a },
            series: [{ label: b, points: [{ x: 1, y: value }] }],
          }),
        );
        const series = [{ label: a, points: [[value, value] as const] }];
        wellFormed(scatterChart({ title: a, x: b, y: a, panels: [{ title: b, series, notes: [a] }] }));
        const values = ndarray(new Float64Array([value]), [1, 1]);
        wellFormed(heatMap({ title: a, value: b, values, rows: side(a, [0]), columns: side(b, [0]) }));
      }),
      { numRuns: 50 },
    );
  });
  it('has a title and a description with its numbers for a screen reader', () => {
    const svg = parser.parse(
      barChart({ title: 'T', axis: 'accuracy', percent: true, bars: [{ label: 'kernel', value: 0.853 }] }),
    ).svg;
    expect(svg.title['#text']).toBe('T');
    expect(svg.desc['#text']).toContain('kernel: 85.3');
    expect(svg['@_aria-labelledby']).toBe(`${svg.title['@_id']} ${svg.desc['@_id']}`);
    expect(svg['@_role']).toBe('img');
  });
  it('is the same bytes for the same data', () => {
    const draw = () => barChart({ title: 'T', axis: 'a', bars: [{ label: 'k', value: 2 }] });
    expect(draw()).toBe(draw());
  });
});

const luminance = (hex: string): number => {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (a: string, b: string): number => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

describe('colours', () => {
  it('contrast ≥ 3:1 for series and ≥ 4.5:1 for text, on light and dark', () => {
    for (const scheme of [light, dark]) {
      for (const color of seriesColors) expect(contrast(color, scheme.background)).toBeGreaterThanOrEqual(3);
      expect(contrast(scheme.text, scheme.background)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(scheme.muted, scheme.background)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe('heat map', () => {
  const pixelOf = (svg: string, n: number, m: number, i: number, j: number): number[] => {
    const data = /<image[^>]*?data:image\/png;base64,([^"]+)"/.exec(svg)![1]!;
    const png = decode(Buffer.from(data, 'base64'));
    const [y, x] = [Math.floor(((i + 0.5) * png.height) / n), Math.floor(((j + 0.5) * png.width) / m)];
    return [...png.data.subarray((y * png.width + x) * 3, (y * png.width + x) * 3 + 3)];
  };
  it('orders examples by label, stably, in rows and columns', () => {
    // Row labels 1 0 1 0 and values that name their row: sorted order is rows 1, 3, 0, 2.
    const values = ndarray(
      Float64Array.from({ length: 8 }, (_, k) => Math.floor(k / 2)),
      [4, 2],
    );
    const svg = heatMap({
      title: '',
      value: '',
      values,
      rows: side('r', [1, 0, 1, 0]),
      columns: side('c', [1, 0]),
    });
    const inOrder = ndarray(new Float64Array([1, 1, 3, 3, 0, 0, 2, 2]), [4, 2]);
    const same = heatMap({
      title: '',
      value: '',
      values: inOrder,
      rows: side('r', [0, 0, 1, 1]),
      columns: side('c', [0, 1]),
    });
    for (let i = 0; i < 4; i++) expect(pixelOf(svg, 4, 2, i, 0)).toEqual(pixelOf(same, 4, 2, i, 0));
    expect(new Set([0, 1, 2, 3].map((i) => String(pixelOf(svg, 4, 2, i, 0)))).size).toBe(4);
  });
  it('shows 0 in the middle of a diverging scale when values are negative', () => {
    const values = ndarray(new Float64Array([-1, 0, 3]), [1, 3]);
    const svg = heatMap({
      title: '',
      value: '',
      values,
      rows: side('r', [0]),
      columns: side('c', [0, 0, 0]),
    });
    expect(Math.min(...pixelOf(svg, 1, 3, 0, 1))).toBeGreaterThan(230);
    expect(svg).toContain('−3');
  });
  it('says the mean of each pair of labels in words', () => {
    const values = ndarray(new Float64Array([4, 1, 2, 8]), [2, 2]);
    const svg = heatMap({
      title: '',
      value: '',
      values,
      rows: side('r', [0, 1]),
      columns: side('c', [0, 1]),
    });
    expect(svg).toContain('no with no 4; no with yes 1; yes with no 2; yes with yes 8.');
  });
  it('refuses shapes that do not fit and values that are not finite', () => {
    const draw = (data: number[], shape: number[], rows: number[]) => () =>
      heatMap({
        title: '',
        value: '',
        values: ndarray(new Float64Array(data), shape),
        rows: side('', rows),
        columns: side('', [0]),
      });
    expect(draw([1, 2], [2, 1], [0])).toThrow(/expected 2 and 1/);
    expect(draw([1, 2], [2], [0])).toThrow(/expected \[n, m\]/);
    expect(draw([Number.NaN], [1, 1], [0])).toThrow(/NaN at index 0/);
  });
});

describe('line chart', () => {
  it('puts equal ratios at equal distances on log axes', () => {
    const svg = lineChart({
      title: '',
      x: { label: 'x', scale: 'log' },
      y: { label: 'y', scale: 'log' },
      series: [{ label: 's', points: [1, 10, 100].map((x) => ({ x, y: x * x })) }],
    });
    const centers = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((c) => [
      Number(c[1]),
      Number(c[2]),
    ]);
    expect(centers[1]![0]! - centers[0]![0]!).toBeCloseTo(centers[2]![0]! - centers[1]![0]!, 1);
    expect(centers[1]![1]! - centers[0]![1]!).toBeCloseTo(centers[2]![1]! - centers[1]![1]!, 1);
  });
  it('refuses what its axes have no place for', () => {
    const draw = (y: number, scale: 'log' | 'linear') => () =>
      lineChart({
        title: '',
        x: { label: 'x' },
        y: { label: 'y', scale },
        series: [{ label: '', points: [{ x: 1, y }] }],
      });
    expect(draw(0, 'log')).toThrow(/values > 0/);
    expect(draw(Number.POSITIVE_INFINITY, 'linear')).toThrow(/finite/);
    expect(() => lineChart({ title: '', x: { label: '' }, y: { label: '' }, series: [] })).toThrow(
      /no points/,
    );
  });
});

describe('scatter chart', () => {
  const draw = (...points: (readonly [number, number])[]) => {
    const series = [
      { label: 'predicted', points },
      { label: 'before', points: [[0, 1] as const], muted: true },
    ];
    const panel = { title: 'SGD', series, notes: ['r 0.9'] };
    return scatterChart({ title: 'T', x: 'found', y: 'said', panels: [panel, { ...panel, title: 'Adam' }] });
  };
  const circles = (svg: string) =>
    [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.2"/g)].map((c) => [
      Number(c[1]),
      Number(c[2]),
    ]);

  it('puts equal numbers on the diagonal of square panels, the same in all', () => {
    const svg = draw([0, 0], [2, 2], [-4, -4], [2, -4]);
    const found = circles(svg);
    expect(found).toHaveLength(8);
    const [zero, two, low, off] = found.slice(0, 4) as [number, number][];
    for (const [x, y] of [two!, low!]) expect(x! - zero![0]!).toBeCloseTo(zero![1]! - y!, 1);
    expect(off![0]).toBe(two![0]);
    expect(off![1]).toBe(low![1]);
    const diagonals = [
      ...svg.matchAll(/<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" class="ntk-strong"/g),
    ];
    expect(diagonals).toHaveLength(2);
    for (const [, x1, y1, x2, y2] of diagonals.map((d) => d.map(Number)))
      expect(x2! - x1!).toBeCloseTo(y1! - y2!, 1);
    expect(found[4]![1]).toBe(zero![1]);
    expect(found[4]![0]).toBeGreaterThan(zero![0]!);
  });
  it('says how far from the diagonal points are', () => {
    expect(parser.parse(draw([1, 2], [3, 2])).svg.desc['#text']).toContain(
      'predicted, 2 points, 1 from the diagonal (root mean square)',
    );
  });
  it('refuses no points and numbers that are not finite', () => {
    expect(() => scatterChart({ title: '', x: '', y: '', panels: [] })).toThrow(/no points/);
    expect(() => draw([Number.NaN, 1])).toThrow(/finite/);
  });
});

it('bar chart refuses no bars and values that are not finite', () => {
  expect(() => barChart({ title: '', axis: '', bars: [] })).toThrow(/no bars/);
  expect(() => barChart({ title: '', axis: '', bars: [{ label: '', value: Number.NaN }] })).toThrow(/finite/);
});

it('ticks are numbers as people write them', () => {
  expect([0, 0.05, 1024, 1e6, 2.5e-7, -3].map(tickText)).toEqual([
    '0',
    '0.05',
    '1024',
    '10⁶',
    '2.5·10⁻⁷',
    '−3',
  ]);
});

it('a line chart draws unconnected series as points without a line, however many', () => {
  const points = Array.from({ length: 70 }, (_, i) => ({ x: i, y: i % 7 }));
  const draw = (unconnected: boolean) =>
    lineChart({
      title: 'a',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [{ label: '', points, unconnected }],
    });
  const count = (svg: string, what: RegExp) => svg.match(what)?.length ?? 0;
  expect(count(draw(true), /<circle/g)).toBe(70);
  expect(count(draw(false), /<circle/g)).toBe(0);
  expect(count(draw(false), /<path/g)).toBe(count(draw(true), /<path/g) + 1);
});
