import { type LineSeries, lineChart } from '@ntk-lens/report';
import {
  type LadderCheck,
  ladderStepKinds,
  ladderSteps,
  type RungMeasurement,
} from '@ntk-lens/tensor-programs';
import { seedBand } from '../seed-band.js';

/** Mean over seeds, with their range as a band. */
const lineOf = (
  label: string,
  rungs: readonly RungMeasurement[],
  of: (rung: RungMeasurement) => number,
): LineSeries => ({
  label,
  points: [...new Set(rungs.map(({ width }) => width))].map((x) => {
    const values = rungs.filter(({ width }) => width === x).map(of);
    const y = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { x, y, band: seedBand(values) };
  }),
});

/** One point per model, and its law below. */
const againstChi = ({ rungs, exponents }: LadderCheck): readonly LineSeries[] => {
  const shown = ladderStepKinds.flatMap((kind) => {
    const law = exponents.inChi[kind]?.linearization;
    return law ? [{ kind, law }] : [];
  });
  const chis = rungs.map(({ chi }) => chi);
  return [
    ...shown.map(({ kind }) => ({
      label: ladderSteps[kind].title,
      points: rungs.map(({ chi, steps }) => ({ x: chi, y: steps[kind].relativeError })),
      unconnected: true,
    })),
    ...shown.map(({ law: { slope, intercept, interval } }, i) => ({
      label: `|χ|^${slope.toFixed(2)} (${interval.map((end) => end.toFixed(2)).join(' … ')})`,
      points: [Math.min(...chis), Math.max(...chis)].map((at) => ({
        x: at,
        y: Math.exp(intercept) * at ** slope,
      })),
      dashed: true,
      like: i,
    })),
  ];
};

const x = { label: 'width', scale: 'log' } as const;

/** Figures of a ladder check by file name. */
export const ladderFigures = (task: string, check: LadderCheck): Readonly<Record<string, string>> => {
  const { rungs } = check;
  const followed = againstChi(check);
  const figures = {
    'ladder-chi.svg': lineChart({
      title: `Output derivatives before any step, against width: ${task}`,
      x,
      y: { label: 'mean |χ|', scale: 'log' },
      series: [lineOf('', rungs, ({ chi }) => chi)],
    }),
    'ladder-linearization.svg': lineChart({
      title: `Linearization error against width: ${task}`,
      x,
      y: { label: '‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖', scale: 'log' },
      series: ladderStepKinds.map((kind) =>
        lineOf(ladderSteps[kind].title, rungs, ({ steps }) => steps[kind].relativeError),
      ),
    }),
    'ladder-kernel.svg': lineChart({
      title: `Kernel change against width: ${task}`,
      x,
      y: { label: '‖K_t − K₀‖ / ‖K₀‖', scale: 'log' },
      series: ladderStepKinds.map((kind) =>
        lineOf(ladderSteps[kind].title, rungs, ({ steps }) => steps[kind].kernelChange),
      ),
    }),
  };
  if (followed.length === 0) return figures;
  const chart = lineChart({
    title: `Linearization error against |χ|, every model: ${task}`,
    x: { label: 'mean |χ|', scale: 'log' },
    y: { label: '‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖', scale: 'log' },
    series: followed,
  });
  return { ...figures, 'ladder-follows-chi.svg': chart };
};
