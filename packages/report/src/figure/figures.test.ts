import { ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { dotChart } from './dot-chart.js';
import { heatMap } from './heat-map.js';
import { labelWidth, math } from './label.js';
import { lineChart } from './line-chart.js';
import { tickText } from './number-format.js';
import { dark, light } from './palette.js';
import { scatterChart } from './scatter-chart.js';

const parser = new XMLParser({ ignoreAttributes: false, processEntities: true });
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    '<&>"\'',
    ']]>',
    '-->',
    'x',
    'ticket_de_caisse^2',
    '長いラベル'.repeat(30),
    'W'.repeat(300),
  ),
);
const side = (label: string, groups: readonly number[], name: string) => ({
  label,
  groups,
  names: [name, name],
});

/** Every kind of figure with the same texts in all places that take one. */
const everyFigure = (a: string, b: string, value: number): string[] => {
  const around = { title: a, subtitle: b, caption: a };
  const points = [
    { x: 1, y: value, band: [value - 1, value + 1] as const },
    { x: 2, y: value },
  ];
  const series = [
    { label: a, points },
    { label: b, points, unconnected: true },
    { label: [b, math`x_2`], points },
  ];
  const lines = { ...around, x: { label: b }, y: { label: a }, band: b, references: [{ label: a, value }] };
  const scattered = [{ label: a, points: [[value, value] as const] }];
  const panel = { title: b, series: scattered, notes: [a] };
  const values = ndarray(new Float64Array([value, 0, value / 2, 1]), [2, 2]);
  return [
    dotChart({
      ...around,
      axis: b,
      dots: [{ label: b, value, interval: [value - 1, value + 1], guide: true }],
    }),
    lineChart({ ...lines, panels: [{ series }] }),
    lineChart({
      ...lines,
      panels: [
        { title: a, series },
        { title: b, series },
      ],
    }),
    scatterChart({ ...around, x: b, y: a, panels: [panel, panel] }),
    heatMap({ ...around, value: b, unit: a, values, rows: side(a, [0, 1], b), columns: side(b, [0, 1], a) }),
  ];
};

/** What one text of a figure spans along x, or along y where it is rotated, by estimated widths. */
const spansOf = (svg: string): { readonly from: number; readonly to: number; readonly limit: number }[] => {
  const root = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return [...svg.matchAll(/<text ([^>]*)>(.*?)<\/text>/gs)].map(([, attributes, content]) => {
    const of = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes!)?.[1];
    const rotated = of('transform') !== undefined;
    const size = Number(of('font-size'));
    const plainText = content!
      .replace(/<[^>]*>/g, '')
      .replace(
        /&(amp|lt|gt|quot);/g,
        (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name]!,
      );
    const width = labelWidth(plainText, size, of('font-weight') !== undefined);
    const at = Number(rotated ? of('y') : of('x'));
    const anchor = of('text-anchor');
    const from = anchor === 'middle' ? at - width / 2 : anchor === 'end' ? at - width : at;
    return { from, to: from + width, limit: Number(rotated ? root[2] : root[1]) };
  });
};

describe('every figure', () => {
  it('is well-formed XML without text outside its frame, whatever the labels say', () => {
    fc.assert(
      fc.property(words, words, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (a, b, value) => {
        for (const svg of everyFigure(a, b, value)) {
          expect(XMLValidator.validate(svg)).toBe(true);
          for (const { from, to, limit } of spansOf(svg)) {
            expect(from).toBeGreaterThanOrEqual(-1);
            expect(to).toBeLessThanOrEqual(limit + 1);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
  it('has a title and a description with its numbers for a screen reader', () => {
    for (const figure of everyFigure('T', 'S', 3)) {
      const svg = parser.parse(figure).svg;
      expect(svg.title['#text']).toBe('T');
      expect(svg.desc['#text']).toMatch(/^S\. .*\d.* T\.$/);
      expect(svg['@_aria-labelledby']).toBe(`${svg.title['@_id']} ${svg.desc['@_id']}`);
      expect(svg['@_role']).toBe('img');
    }
  });
  it('is the same bytes for the same data', () => {
    expect(everyFigure('T', 'S', 3)).toEqual(everyFigure('T', 'S', 3));
  });
  it('carries the light colours in its elements, and a rule for the dark one of each', () => {
    // Black and white stand on the colours of a heat map, which are the same in the dark.
    const fixed = ['none', '#000', '#fff'];
    for (const svg of everyFigure('T', 'S', 3)) {
      const [style] = /<style>.*<\/style>/.exec(svg)!;
      const drawn = svg.replace(style, '');
      const used = [...drawn.matchAll(/ (fill|stroke)="([^"]+)"/g)];
      expect(used.length).toBeGreaterThan(5);
      for (const [, name, color] of used) {
        if (!fixed.includes(color!)) expect(style).toContain(`[${name}="${color}"]{${name}:`);
      }
      expect(drawn).not.toContain('class=');
      expect(style).toMatch(/^<style>@media \(prefers-color-scheme:dark\)\{.*\}<\/style>$/);
      for (const color of dark.series) expect(drawn).not.toContain(color);
      expect(drawn).toContain(light.background);
    }
  });
});

it('dot chart: intervals, standard deviations and numbers stand where their values do', () => {
  const svg = dotChart({
    ...{ title: '', axis: 'accuracy', percent: true },
    dots: [
      { label: 'a', value: 0.5, interval: [0.4, 0.6] },
      { label: 'b', value: { mean: 0.6, sd: 0.05 }, kind: 1 },
    ],
  });
  expect(parser.parse(svg).svg.desc['#text']).toContain('a: 50.0 (40.0 … 60.0); b: 60.0 ± 5.0.');
  const [, from, to] = /d="M([\d.]+) [\d.]+H([\d.]+)M/.exec(svg)!.map(Number);
  const marks = [...svg.matchAll(/translate\(([\d.]+) /g)].map((m) => Number(m[1]));
  expect(marks[0]).toBeCloseTo((from! + to!) / 2, 1);
  expect(marks[1]).toBeCloseTo(to!, 1);
  const thick = /<line x1="([\d.]+)"[^>]*x2="([\d.]+)"[^>]*stroke-width="5"/.exec(svg)!.map(Number);
  expect(thick[2]! - thick[1]!).toBeCloseTo((to! - from!) / 2, 1);
});

it('dot chart refuses no values and values that are not finite', () => {
  expect(() => dotChart({ title: '', axis: '', dots: [] })).toThrow(/no values/);
  expect(() => dotChart({ title: '', axis: '', dots: [{ label: '', value: Number.NaN }] })).toThrow(/finite/);
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
  const marks = (svg: string) =>
    [...svg.matchAll(/translate\(([\d.]+) ([\d.]+)\)"[^>]*fill-opacity/g)].map((c) => [
      Number(c[1]),
      Number(c[2]),
    ]);

  it('puts equal numbers on the diagonal of square panels, the same in all', () => {
    const svg = draw([0, 0], [2, 2], [-4, -4], [2, -4]);
    // The first is the legend's.
    const found = marks(svg).slice(1);
    expect(found).toHaveLength(8);
    const [zero, two, low, off] = found.slice(0, 4) as [number, number][];
    for (const [x, y] of [two!, low!]) expect(x! - zero![0]!).toBeCloseTo(zero![1]! - y!, 1);
    expect(off![0]).toBe(two![0]);
    expect(off![1]).toBe(low![1]);
    const diagonals = [
      ...svg.matchAll(
        /<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"[^>]*stroke-dasharray="2 4"/g,
      ),
    ];
    expect(diagonals).toHaveLength(2);
    for (const [, x1, y1, x2, y2] of diagonals.map((d) => d.map(Number))) {
      expect(x2! - x1!).toBeCloseTo(y1! - y2!, 1);
    }
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
