import { type PlotOptions, plot } from '@observablehq/plot';
import { DOMImplementation, XMLSerializer } from '@xmldom/xmldom';
import { light } from './palette.js';

/** Plot draws into a document; this one is XML and needs no browser. */
const newDocument = (): PlotOptions['document'] =>
  new DOMImplementation().createDocument('http://www.w3.org/2000/svg', 'svg') as never;

/** Digits of places in a figure: hundredths of a pixel. */
const shortened = (markup: string): string =>
  markup.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));

/**
 * Draws marks on scales with Observable Plot, as the content of a figure of this package. Text and grids have the
 * colours that a figure knows for its dark scheme.
 *
 * @returns SVG markup, without the `svg` element around it
 */
export const drawPlot = (options: PlotOptions): string => {
  const figure = plot({
    ...options,
    document: newDocument(),
    className: 'plot',
    style: `font-size:12px`,
  });
  const markup = new XMLSerializer().serializeToString(figure as never);
  const content = markup
    .replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>$/, '')
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replaceAll('fill="currentColor"', `fill="${light.muted}"`)
    .replaceAll('stroke="currentColor" stroke-opacity="0.1"', `stroke="${light.grid}"`)
    .replaceAll('stroke="currentColor"', `stroke="${light.muted}"`)
    .replaceAll(' xmlns="http://www.w3.org/2000/svg"', '');
  return `<g font-size="12" fill="${light.muted}" text-anchor="middle">${shortened(content)}</g>`;
};
