import { type Label, type LineSeries, lineChart, math } from '@ntk-lens/report';
import {
  type LadderCheck,
  type LadderStepKind,
  ladderStepKinds,
  type RungChi,
} from '@ntk-lens/tensor-programs';
import { signed } from '../signed.js';
import { againstWidth, seedRange } from './against-width.js';

/** The steps' names with their mathematics. */
const titles: Readonly<Record<LadderStepKind, Label>> = {
  sgd: ['SGD, ', math`η = Θ(1)`],
  signgd: ['SignGD, ', math`η`, ' fixed'],
  'signgd-shrinking': ['SignGD, ', math`η ∝ width^{−1/2}`],
};

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

/** Mean |χ| against width, a line for each task. */
export const chiFigure = (subtitle: string, tasks: readonly TaskOverWidths[]): string =>
  lineChart({
    ...{ title: 'Output derivatives before any step, against width', subtitle, x },
    y: { label: ['mean ', math`|χ|`], scale: 'log' },
    band: seedRange(tasks.flatMap(({ rungs }) => rungs)),
    panels: [{ series: tasks.map(({ label, rungs }) => againstWidth(label, rungs, ({ chi }) => chi)) }],
  });

/** Figures of a ladder check by file name. */
export const ladderFigures = (task: string, check: LadderCheck): Readonly<Record<string, string>> => {
  const { rungs } = check;
  const followed = againstChi(check);
  const shared = { subtitle: task, band: seedRange(rungs) };
  const figures = {
    'ladder-chi.svg': chiFigure(task, [{ label: '', rungs }]),
    'ladder-linearization.svg': lineChart({
      ...{ title: 'Linearization error against width', ...shared, x, y: error },
      panels: [
        {
          series: ladderStepKinds.map((kind) =>
            againstWidth(titles[kind], rungs, ({ steps }) => steps[kind].relativeError),
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
            againstWidth(titles[kind], rungs, ({ steps }) => steps[kind].kernelChange),
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
