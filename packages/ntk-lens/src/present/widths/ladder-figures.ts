import { type LineSeries, lineChart } from '@ntk-lens/report';
import { type LadderCheck, ladderStepKinds, type RungMeasurement } from '@ntk-lens/tensor-programs';

const names = {
  sgd: 'SGD, η = Θ(1)',
  signgd: 'SignGD, η fixed',
  'signgd-shrinking': 'SignGD, η ∝ width^(−1/2)',
};

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
    return { x, y, ...(values.length > 1 && { band: [Math.min(...values), Math.max(...values)] as const }) };
  }),
});

const x = { label: 'width', scale: 'log' } as const;

/** Figures of a ladder check by file name. */
export const ladderFigures = (task: string, { rungs }: LadderCheck): Readonly<Record<string, string>> => ({
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
      lineOf(names[kind], rungs, ({ steps }) => steps[kind].relativeError),
    ),
  }),
  'ladder-kernel.svg': lineChart({
    title: `Kernel change against width: ${task}`,
    x,
    y: { label: '‖K_t − K₀‖ / ‖K₀‖', scale: 'log' },
    series: ladderStepKinds.map((kind) =>
      lineOf(names[kind], rungs, ({ steps }) => steps[kind].kernelChange),
    ),
  }),
});
