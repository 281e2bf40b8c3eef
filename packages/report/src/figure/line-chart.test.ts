import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { math } from './label.js';
import { type LineChart, type LineSeries, lineChart } from './line-chart.js';

const draw = (series: readonly LineSeries[], options: Partial<LineChart> = {}) =>
  lineChart({ title: '', x: { label: 'x' }, y: { label: 'y' }, panels: [{ series }], ...options });

const log = { x: { label: 'x', scale: 'log' }, y: { label: 'y', scale: 'log' } } as const;

const marks = (svg: string) =>
  [...svg.matchAll(/translate\(([\d.]+) ([\d.]+)\)/g)].map((c) => [Number(c[1]), Number(c[2])] as const);

/** Numbers below the plot, with their places. */
const xTicks = (svg: string) =>
  [...svg.matchAll(/<text x="([\d.]+)" [^>]*text-anchor="middle" font-size="12"[^>]*>([^<]+)</g)].map(
    (m) => ({
      at: Number(m[1]),
      text: m[2],
    }),
  );

it('puts equal ratios at equal distances on log axes', () => {
  const points = [1, 10, 100].map((x) => ({ x, y: x * x }));
  const [a, b, c] = marks(draw([{ label: '', points }], log));
  expect(b![0] - a![0]).toBeCloseTo(c![0] - b![0], 1);
  expect(b![1] - a![1]).toBeCloseTo(c![1] - b![1], 1);
});

it('log axes have their ticks where points are, up to ten that do not touch', () => {
  const at = (...xs: number[]) => draw([{ label: '', points: xs.map((x) => ({ x, y: x })) }], log);
  const svg = at(32, 64, 128, 256);
  expect(xTicks(svg).map(({ text }) => text)).toEqual(['32', '64', '128', '256']);
  for (const [i, { at: place }] of xTicks(svg).entries()) expect(place).toBeCloseTo(marks(svg)[i]![0], 1);
  expect(xTicks(at(100, 101, 10_000)).map(({ text }) => text)).toEqual(['100', '10000']);
  const many = Array.from({ length: 11 }, (_, i) => 3 * 2 ** i);
  expect(xTicks(at(...many)).map(({ text }) => text)).not.toContain('3');
});

it('no point lies on the frame, and none outside', () => {
  const number = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.record({ x: number, y: number }), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      (points, logarithmic) => {
        const svg = draw([{ label: '', points }], logarithmic ? log : {});
        const frame = [
          ...svg.matchAll(/<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" stroke="#59636e"/g),
        ];
        const [, left, bottom, right] = frame[0]!.map(Number);
        const top = Number(frame[1]![2]);
        for (const [x, y] of marks(svg)) {
          expect(x).toBeGreaterThan(left! + 8);
          expect(x).toBeLessThan(right! - 8);
          expect(y).toBeGreaterThan(top + 8);
          expect(y).toBeLessThan(bottom! - 8);
        }
      },
    ),
  );
});

it('refuses what its axes have no place for', () => {
  const one = (y: number, scale: 'log' | 'linear') => () =>
    draw([{ label: '', points: [{ x: 1, y }] }], { y: { label: 'y', scale } });
  expect(one(0, 'log')).toThrow(/values > 0/);
  expect(one(Number.POSITIVE_INFINITY, 'linear')).toThrow(/finite/);
  expect(() => draw([])).toThrow(/no points/);
});

it('draws unconnected series as points without a line, and lines of many points with few marks', () => {
  const points = Array.from({ length: 70 }, (_, i) => ({ x: i, y: i % 7 }));
  expect(marks(draw([{ label: '', points, unconnected: true }]))).toHaveLength(70);
  expect(draw([{ label: '', points, unconnected: true }])).not.toContain('stroke-linejoin');
  const connected = draw([{ label: '', points }]);
  expect(marks(connected).length).toBeLessThan(30);
  expect(connected).toContain('stroke-linejoin');
});

describe('series', () => {
  const points = [
    { x: 1, y: 1 },
    { x: 2, y: 3 },
  ];
  const lines = (svg: string) =>
    [
      ...svg.matchAll(
        /stroke="([^"]+)" stroke-width="2" stroke-linejoin="round"(?: stroke-dasharray="([^"]*)")?/g,
      ),
    ].map((m) => `${m[1]} ${m[2] ?? ''}`);
  it('thirty of one panel have each a colour with a dash and with a mark of its own', () => {
    const series = Array.from({ length: 30 }, (_, i) => ({ label: `s${i}`, points }));
    expect(new Set(lines(draw(series))).size).toBe(30);
    const marked = draw(series).matchAll(/<path (d="M[^"]*") transform="[^"]*" (fill="[^"]*")/g);
    expect(new Set([...marked].map((mark) => `${mark[1]} ${mark[2]}`)).size).toBe(30);
  });
  it('look the same in all panels where their labels are the same', () => {
    const [a, b] = ['a', 'b'].map((label) => ({ label, points }));
    const svg = lineChart({
      ...{ title: '', x: { label: '' }, y: { label: '' } },
      panels: [{ series: [a!, b!] }, { series: [b!, a!] }],
    });
    const [first, second, third, fourth] = lines(svg);
    expect([third, fourth]).toEqual([second, first]);
    expect(first).not.toBe(second);
  });
  it('a fit has the colour of what it fits, dots and no marks', () => {
    const svg = draw([
      { label: 'a', points },
      { label: 'measured', points },
      { label: 'law', points, fit: true, like: 'measured' },
    ]);
    const [, measured, law] = lines(svg);
    expect(law!.split(' ')[0]).toBe(measured!.split(' ')[0]);
    // Two marks a line, and one in each label but that of the fit.
    expect(marks(svg)).toHaveLength(6);
  });
  it('have labels at the ends of their lines that do not touch, or a legend where those would take the room', () => {
    const series = ['a', 'b', 'c'].map((label) => ({ label, points }));
    const heights = [...draw(series).matchAll(/y="([\d.]+)"[^>]*>[abc]</g)].map((m) => Number(m[1]));
    expect(heights).toHaveLength(3);
    for (const [i, y] of heights.slice(1).entries()) expect(y - heights[i]!).toBeGreaterThanOrEqual(16);
    const long = series.map((one) => ({ ...one, label: one.label.repeat(60) }));
    expect(new Set([...draw(long).matchAll(/ x="62" y="([\d.]+)"/g)].map((m) => m[1])).size).toBe(3);
  });
  it('bands have a legend, and none where there is no band', () => {
    const banded = points.map((point) => ({ ...point, band: [point.y - 1, point.y + 1] as const }));
    expect(draw([{ label: 'a', points: banded }], { band: 'range over seeds' })).toContain(
      'range over seeds',
    );
    expect(draw([{ label: 'a', points }], { band: 'range over seeds' })).not.toContain('range over seeds');
  });
});

it('sets mathematics with italics, subscripts and superscripts that end where they end', () => {
  const svg = draw([{ label: '', points: [{ x: 1, y: 1 }] }], {
    x: { label: math`K̂(θ_T)` },
    y: { label: ['n_1 of ', math`n^{−1/2}`] },
  });
  expect(svg).toContain(
    '<tspan font-style="italic">K̂</tspan>(<tspan font-style="italic">θ</tspan><tspan dy="2.86" font-size="9.62" font-style="italic">T</tspan><tspan dy="-2.86">)</tspan>',
  );
  expect(svg).toContain(
    '>n_1 of <tspan font-style="italic">n</tspan><tspan dy="-4.68" font-size="9.62">−1/2</tspan>',
  );
  expect(svg).toContain('n_1 of n^(−1/2) against K̂(θ_T).');
});
