import { type LineSeries, lineChart, math } from '@ntk-lens/report';
import type { CheckedCoordinate, CoordinateCheck, PretrainingScheme } from '@ntk-lens/tensor-programs';
import { signed } from '../signed.js';

const geometric = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);

/** Size of the change after the last step; none of a coordinate that does not move. */
const lineOf = ({ name, measured, update }: CheckedCoordinate): LineSeries | undefined => {
  const widths = [...new Set(measured.map(({ width }) => width))];
  const points = widths.flatMap((x) => {
    const values = measured.filter(({ width }) => width === x).map(({ updates }) => updates.at(-1)!);
    if (!values.every((value) => value > 0 && value < Infinity)) return [];
    return [{ x, y: geometric(values), band: [Math.min(...values), Math.max(...values)] as const }];
  });
  const label = update ? `${name} (${signed(update.slope)})` : name;
  return points.length > 0 ? { label, points } : undefined;
};

/** Embeddings, one layer from end to end, and the logits: the others look like these. */
const shown = (name: string): boolean =>
  name === 'embeddings' || name === 'logits' || /^layer\.0( (value|scores|intermediate|output))?$/.test(name);

/** Changes of coordinates against width, with their exponents next to their names. */
export const coordinateFigure = (scheme: PretrainingScheme, { coordinates }: CoordinateCheck): string => {
  const { measured } = coordinates[0]!;
  const seeds = new Set(measured.map(({ seed }) => seed)).size;
  return lineChart({
    title: `Changes after ${measured[0]!.updates.length} steps`,
    subtitle: `${scheme.parametrization}, ${scheme.optimizer}; exponents of width in brackets`,
    x: { label: 'width', scale: 'log' },
    y: { label: ['mean ', math`|x_t − x_0|`], scale: 'log' },
    panels: [
      {
        series: coordinates
          .filter(({ name }) => shown(name))
          .map(lineOf)
          .filter((line) => line !== undefined),
      },
    ],
    band: `range over ${seeds} seeds`,
  });
};
