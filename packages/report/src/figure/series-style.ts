import { light } from './palette.js';
import { element, line } from './svg.js';

const dashes = [undefined, '8 4', '2 3', '9 3 2 3', '14 4', '5 2 1 2 1 2'] as const;

/** Outlines around the origin with about the same area. */
const shapes = [
  'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z',
  'M-3.5 -3.5H3.5V3.5H-3.5Z',
  'M0 -4.8L4.6 3.4H-4.6Z',
  'M0 -5L5 0L0 5L-5 0Z',
  'M0 4.8L4.6 -3.4H-4.6Z',
  'M-1.5 -4.6H1.5V-1.5H4.6V1.5H1.5V4.6H-1.5V1.5H-4.6V-1.5H-1.5Z',
] as const;

export const seriesColor = (series: number): string => light.series[series % light.series.length]!;

/** After the last colour, dashes and marks go on by one, so that no two of thirty series look alike. */
const turned = (series: number): number => (series + Math.floor(series / light.series.length)) % 6;

export const seriesDash = (series: number): string | undefined => dashes[turned(series)];

/** The dash of fits and theory, which have no marks. */
export const fitDash = '1 4';

export const seriesMark = (series: number, x: number, y: number, opacity?: number): string =>
  element('path', {
    d: shapes[turned(series)]!,
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
    ...{ fill: seriesColor(series), 'fill-opacity': opacity },
  });

/** Width of a sample as `seriesSample` draws it. */
export const sampleWidth = 34;

/** A piece of a series' line with its mark, for legends and labels. */
export const seriesSample = (
  series: number,
  x: number,
  y: number,
  { fit, points }: { readonly fit?: boolean; readonly points?: boolean },
): string =>
  [
    points
      ? ''
      : line(x, y, x + sampleWidth, y, {
          ...{ stroke: seriesColor(series), 'stroke-width': 2 },
          'stroke-dasharray': fit ? fitDash : seriesDash(series),
        }),
    fit ? '' : seriesMark(series, x + sampleWidth / 2, y),
  ].join('');
