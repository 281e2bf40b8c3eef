import { encode } from 'fast-png';
import type { Color } from './color-scale.js';
import { type Attributes, element } from './svg.js';

/** Pixels along a side of an image in which cells are enlarged. */
const PIXELS = 1120;

/**
 * An image of cells `[n, m]`, stretched over a box. Cells become squares of several pixels: renderers that smooth an
 * enlarged image would blur single ones. Browsers do not, and a page has a pixel for each cell.
 */
export const cellsImage = (
  [n, m]: readonly [number, number],
  color: (i: number, j: number) => Color,
  box: Attributes,
  enlarged = true,
): string =>
  element('image', {
    ...box,
    preserveAspectRatio: 'none',
    style: 'image-rendering:pixelated',
    'image-rendering': 'optimizeSpeed',
    href: `data:image/png;base64,${png([n, m], color, enlarged ? PIXELS : 1)}`,
  });

const png = (
  [n, m]: readonly [number, number],
  color: (i: number, j: number) => Color,
  pixels: number,
): string => {
  const [high, wide] = [n, m].map((count) => Math.min(64, Math.max(1, Math.floor(pixels / count)))) as [
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

/** btoa takes one character per byte; chunks keep the argument list within bounds. */
const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
};
