import { describe, expect, it } from 'vitest';
import { colorScale } from './color-scale.js';
import { dark, light } from './palette.js';

type Triple = readonly [number, number, number];

const linear = (hex: string): Triple => {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return [r!, g!, b!];
};

const times = (matrix: readonly Triple[], [x, y, z]: Triple): Triple =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;

/** CIELAB of linear sRGB, white D65. */
const lab = (rgb: Triple): Triple => {
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    rgb,
  );
  const white = [0.95047, 1, 1.08883];
  const [x, y, z] = xyz.map((v, i) => {
    const t = Math.max(0, v) / white[i]!;
    return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
  });
  return [116 * y! - 16, 500 * (x! - y!), 200 * (y! - z!)];
};

/** Colour vision without one kind of cone, of Machado, Oliveira and Fernandes (2009), severity 1, on linear sRGB. */
const visions: Readonly<Record<string, readonly Triple[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};

const seen = (hex: string, vision: string): Triple =>
  lab(times(visions[vision]!, linear(hex)).map((c) => Math.min(1, Math.max(0, c))) as unknown as Triple);

const distance = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const pairs = <T>(values: readonly T[]): (readonly [T, T])[] =>
  values.flatMap((a, i) => values.slice(i + 1).map((b) => [a, b] as const));

const contrast = (a: string, b: string): number => {
  const [x, y] = [a, b].map((hex) => times([[0.2126, 0.7152, 0.0722]], linear(hex))[0]) as [number, number];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

describe.each(Object.entries({ light, dark }))('%s colours', (_, scheme) => {
  // WCAG 2.1: 3:1 for graphics, 4.5:1 for text.
  it('contrast ≥ 3:1 for series and ≥ 4.5:1 for text', () => {
    for (const color of scheme.series) expect(contrast(color, scheme.background)).toBeGreaterThanOrEqual(3);
    expect(contrast(scheme.text, scheme.background)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(scheme.muted, scheme.background)).toBeGreaterThanOrEqual(4.5);
  });

  // 2.3 is just noticeable between large patches side by side; lines two pixels wide, looked up in a legend, need many
  // times that.
  it.each(Object.keys(visions))('series differ by ΔE ≥ 30 for %s', (vision) => {
    for (const [a, b] of pairs(scheme.series)) {
      expect(distance(seen(a, vision), seen(b, vision))).toBeGreaterThanOrEqual(30);
    }
  });

  // On a grey print nothing but L* is left. Six colours within the contrast to the background leave 9.5 units between
  // neighbours, and dashes and marks help; panels of up to three lines, which are most, have twice that in the light
  // scheme, the printed one.
  it('series differ by L* ≥ 9.5 on a grey print, the first three by more on white', () => {
    const lightness = scheme.series.map((color) => seen(color, 'normal')[0]);
    for (const [a, b] of pairs(lightness)) expect(Math.abs(a - b)).toBeGreaterThanOrEqual(9.5);
    if (scheme === light) {
      for (const [a, b] of pairs(lightness.slice(0, 3))) expect(Math.abs(a - b)).toBeGreaterThanOrEqual(18);
    }
  });
});

describe('colours of a heat map', () => {
  const hex = (color: readonly number[]) => `#${color.map((c) => c.toString(16).padStart(2, '0')).join('')}`;
  const along = (values: readonly number[]) => {
    const { color } = colorScale([values[0]!, values.at(-1)!], 0);
    return values.map((value) => seen(hex(color(value)), 'normal'));
  };
  it.each([
    ['signed', -1],
    ['positive', 0],
  ])('%s: equal steps are equal distances, within the rounding to 8 bits', (_, low) => {
    const colors = along(Array.from({ length: 21 }, (_, i) => low + (i * (1 - low)) / 20));
    const steps = colors.slice(1).map((color, i) => distance(color, colors[i]!));
    const average = steps.reduce((sum, step) => sum + step / steps.length, 0);
    for (const step of steps) expect(Math.abs(step / average - 1)).toBeLessThan(0.15);
  });
  it('both signs are as dark at the same size, and differ without red or green cones', () => {
    const { color } = colorScale([-1, 1], 0);
    for (const size of [0.25, 0.5, 1]) {
      const [minus, plus] = [hex(color(-size)), hex(color(size))];
      expect(Math.abs(seen(minus, 'normal')[0] - seen(plus, 'normal')[0])).toBeLessThan(2);
      for (const vision of Object.keys(visions)) {
        expect(distance(seen(minus, vision), seen(plus, vision))).toBeGreaterThan(60 * size);
      }
    }
  });
});
