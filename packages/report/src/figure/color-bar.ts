import { cellsImage } from './cells-image.js';
import type { ColorScale } from './color-scale.js';
import { type Label, labelWidth } from './label.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { element, text } from './svg.js';

/** Widest text over the bar. */
const headRoom = 160;

/** The colours of a scale with their values, and over them what they are and their unit. */
export const drawColorBar = (
  { low, high, least, greatest, color }: ColorScale,
  { x, y, height }: { readonly x: number; readonly y: number; readonly height: number },
  heads: readonly Label[],
): { readonly end: number; readonly markup: string } => {
  const steps = 128;
  const box = { x, y, width: 16, height };
  const ticks = [
    { at: y + 9, label: `${high < greatest ? '≥ ' : ''}${tickText(high)}` },
    { at: y + height / 2 + 4, label: tickText((low + high) / 2) },
    { at: y + height, label: `${low > least ? '≤ ' : ''}${tickText(low)}` },
  ];
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
