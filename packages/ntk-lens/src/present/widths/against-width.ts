import type { Label, LineSeries } from '@ntk-lens/report';
import { seedBand } from '../seed-band.js';

/** Mean over the seeds of each width, with their range as a band. */
export const againstWidth = <Rung extends { readonly width: number }>(
  label: Label,
  rungs: readonly Rung[],
  of: (rung: Rung) => number,
): LineSeries => ({
  label,
  points: [...new Set(rungs.map(({ width }) => width))].map((x) => {
    const values = rungs.filter(({ width }) => width === x).map(of);
    const y = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { x, y, band: seedBand(values) };
  }),
});

/** The meaning of bands. */
export const seedRange = (rungs: readonly { readonly seed: number }[]): string =>
  `range over ${new Set(rungs.map(({ seed }) => seed)).size} seeds`;
