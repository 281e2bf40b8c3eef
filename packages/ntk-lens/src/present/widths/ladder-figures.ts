import { type Label, type LineSeries, lineChart, math } from '@ntk-lens/report';
import {
  type LadderCheck,
  type LadderStepKind,
  ladderStepKinds,
  type RungChi,
} from '@ntk-lens/tensor-programs';
import { seedBand } from '../seed-band.js';
import { signed } from '../signed.js';

/** The steps' names with their mathematics. */
const titles: Readonly<Record<LadderStepKind, Label>> = {
  sgd: ['SGD, ', math`η = Θ(1)`],
  signgd: ['SignGD, ', math`η`, ' fixed'],
  'signgd-shrinking': ['SignGD, ', math`η ∝ width^{−1/2}`],
};

/** Mean over seeds, with their range as a band. */
const lineOf = <R extends { readonly width: number }>(
  label: Label,
  rungs: readonly R[],
  of: (rung: R) => number,
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
      label: titles[kind],
      points: rungs.map(({ chi, steps }) => ({ x: chi, y: steps[kind].relativeError })),
      unconnected: true,
    })),
    ...shown.map(({ kind, law: { slope, intercept, interval } }) => ({
      label: [math`|χ|^{${signed(slope)}}`, ` (${interval.map(signed).join(' … ')})`],
      points: [Math.min(...chis), Math.max(...chis)].map((at) => ({
        x: at,
        y: Math.exp(intercept) * at ** slope,
      })),
      fit: true,
      like: titles[kind],
    })),
  ];
};

const x = { label: 'width', scale: 'log' } as const;
const error = { label: math`‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖`, scale: 'log' } as const;

/** A task on the models of a ladder. */
export interface TaskOverWidths {
  /** At the end of its line. */
  readonly label: Label;
  readonly rungs: readonly Pick<RungChi, 'width' | 'seed' | 'chi'>[];
}

const bandOf = (rungs: readonly { readonly seed: number }[]): string =>
  `range over ${new Set(rungs.map(({ seed }) => seed)).size} seeds`;

/** Mean |χ| against width, a line for each task. */
export const chiFigure = (subtitle: string, tasks: readonly TaskOverWidths[]): string =>
  lineChart({
    ...{ title: 'Output derivatives before any step, against width', subtitle, x },
    y: { label: ['mean ', math`|χ|`], scale: 'log' },
    band: bandOf(tasks.flatMap(({ rungs }) => rungs)),
    panels: [{ series: tasks.map(({ label, rungs }) => lineOf(label, rungs, ({ chi }) => chi)) }],
  });

/** Figures of a ladder check by file name. */
export const ladderFigures = (task: string, check: LadderCheck): Readonly<Record<string, string>> => {
  const { rungs } = check;
  const followed = againstChi(check);
  const shared = { subtitle: task, band: bandOf(rungs) };
  const figures = {
    'ladder-chi.svg': chiFigure(task, [{ label: '', rungs }]),
    'ladder-linearization.svg': lineChart({
      ...{ title: 'Linearization error against width', ...shared, x, y: error },
      panels: [
        {
          series: ladderStepKinds.map((kind) =>
            lineOf(titles[kind], rungs, ({ steps }) => steps[kind].relativeError),
          ),
        },
      ],
    }),
    'ladder-kernel.svg': lineChart({
      ...{ title: 'Kernel change against width', ...shared, x },
      y: { label: math`‖K_t − K_0‖ / ‖K_0‖`, scale: 'log' },
      panels: [
        {
          series: ladderStepKinds.map((kind) =>
            lineOf(titles[kind], rungs, ({ steps }) => steps[kind].kernelChange),
          ),
        },
      ],
    }),
  };
  if (followed.length === 0) return figures;
  const chart = lineChart({
    title: ['Linearization error against ', math`|χ|`, ', every model'],
    subtitle: task,
    x: { label: ['mean ', math`|χ|`], scale: 'log' },
    y: error,
    panels: [{ series: followed }],
  });
  return { ...figures, 'ladder-follows-chi.svg': chart };
};
