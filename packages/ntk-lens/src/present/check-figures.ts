import type { OptimizerMeasurement } from '@ntk-lens/lens';
import {
  type Label,
  type LineSeries,
  lineChart,
  math,
  type ScatterPanel,
  scatterChart,
} from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import { kernelName } from '../run/method-name.js';
import { seedBand } from './seed-band.js';

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Mean over seeds with the range over seeds as a band, at each step. */
const overSeeds = (label: Label, seeds: readonly (readonly (readonly [number, number])[])[]): LineSeries => {
  const steps = [...new Set(seeds.flatMap((points) => points.map(([step]) => step)))].sort((a, b) => a - b);
  return {
    label,
    points: steps.map((x) => {
      const values = seeds.flatMap((points) => points.filter(([step]) => step === x).map(([, y]) => y));
      return { x, y: mean(values), band: seedBand(values) };
    }),
  };
};

/** Share of examples with |χ| at most x. */
const distribution = (label: string, sizes: readonly number[], fit = false): LineSeries => ({
  ...{ label, fit },
  points: Array.from({ length: 101 }, (_, i) => ({
    x: i / 100,
    y: sizes.filter((size) => size <= i / 100).length / sizes.length,
  })),
});

const subtitleOf = ({ task, model }: CheckedExperiment): string => `${task.name}, ${model.name}`;

/** The meaning of bands; one seed has none. */
const bandOf = ({ config: { run } }: CheckedExperiment): string => `range over ${run.seeds.length} seeds`;

/** A panel for each optimizer that was checked. */
const panelsOf = <Panel>(
  { optimizers, config }: CheckedExperiment,
  make: (title: string, seeds: readonly OptimizerMeasurement[]) => Panel,
): Panel[] =>
  config.check.optimizers.map((optimizer) =>
    make(
      optimizerNamed(optimizer).title,
      optimizers.filter((one) => one.optimizer === optimizer),
    ),
  );

/** Distributions of |χ| on test, by the way the model is asked; on train for the prompt. */
const chiFigure = (experiment: CheckedExperiment): string => {
  const { natural } = experiment;
  const all = (split: 'train' | 'test', name: string) => natural.flatMap((seed) => seed[split][name]!);
  const names = Object.keys(natural[0]!.test);
  return lineChart({
    title: 'Output derivatives before any step',
    subtitle: subtitleOf(experiment),
    x: { label: math`|χ| = 1 − p(label)` },
    y: { label: 'share of examples with at most that' },
    panels: [
      {
        series: [
          ...names.map((name) => distribution(name, all('test', name))),
          { ...distribution('prompt, train', all('train', names[0]!), true), like: names[0]! },
        ],
      },
    ],
  });
};

/** Relative errors of f_lin along the way from θ₀, and of single steps. */
const linearizationFigure = (experiment: CheckedExperiment): string | undefined => {
  const known = (points: readonly (readonly [number, number | undefined])[]) =>
    points.filter((point): point is readonly [number, number] => point[1] !== undefined);
  const panels = panelsOf(experiment, (title, seeds) => ({
    title,
    series: [
      overSeeds(
        ['from ', math`θ_0`],
        seeds.map(({ path }) => known(path.map(({ step, error }) => [step, error.relative]))),
      ),
      overSeeds(
        'single steps',
        seeds.map(({ steps }) => known(steps.map(({ to, error }) => [to, error.relative]))),
      ),
    ].filter(({ points }) => points.length > 0),
  }));
  if (panels.every(({ series }) => series.length === 0)) return undefined;
  return lineChart({
    title: 'Linearization along fine-tuning',
    subtitle: subtitleOf(experiment),
    x: { label: 'optimizer step' },
    y: { label: math`‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖` },
    ...{ panels, band: bandOf(experiment) },
    references: [{ label: 'half of the change', value: 0.5 }],
  });
};

/** f_lin against f at θ_T on all test examples: how far right each is, linearized and in truth, and before any step. */
const scatterFigure = (experiment: CheckedExperiment): string => {
  const shown = (value: number | undefined) => (value === undefined ? '–' : value.toPrecision(2));
  const panels = panelsOf(experiment, (title, seeds): ScatterPanel => {
    const against = (name: 'start' | 'linearized') =>
      seeds.flatMap(({ margins }) => margins.tuned.map((f, i) => [f, margins[name][i]!] as const));
    const steps = [...new Set(seeds.map(({ end }) => end.step))].sort((a, b) => a - b);
    const errors = seeds.flatMap(({ end }) => end.error.relative ?? []);
    return {
      title: [`${title}, `, math`θ_T`, ` after ${steps.join(', ')} steps`],
      series: [
        { label: [math`f_{lin}`, ', moved to ', math`θ_T`], points: against('linearized') },
        { label: [math`f`, ' at ', math`θ_0`, ', not moved'], points: against('start'), muted: true },
      ],
      notes: [`relative error ${shown(errors.length > 0 ? mean(errors) : undefined)}`],
    };
  });
  const others = experiment.task.labels.length === 2 ? 'the other' : 'the mean of the others';
  const margin = `: label logit minus ${others}`;
  return scatterChart({
    title: [math`f_{lin}`, ' against ', math`f`, ' at ', math`θ_T`],
    subtitle: subtitleOf(experiment),
    x: [math`f(ξ; θ_T)`, margin],
    y: [math`f_{lin}(ξ)`, margin],
    panels,
  });
};

/** Change of the kernel, whole and by layer, at the last point that is not chosen by dev. */
const driftFigure = (experiment: CheckedExperiment): string =>
  lineChart({
    title: 'Kernel drift along fine-tuning',
    subtitle: subtitleOf(experiment),
    x: { label: 'optimizer step' },
    y: { label: math`‖K(θ_t) − K(θ_0)‖ / ‖K(θ_0)‖` },
    band: bandOf(experiment),
    panels: panelsOf(experiment, (title, seeds) => {
      // The point that dev chose comes last, wherever it is.
      const points = seeds.map(({ features }) => features.points.slice(0, -1));
      const layers = Object.keys(points[0]?.[0]?.layers ?? {}).filter((name) => name.startsWith('layer.'));
      const ends = layers.length > 1 ? [layers[0]!, layers.at(-1)!].sort() : layers;
      return {
        title: `${title}: ${kernelName(seeds[0]!.features.formula)}`,
        series: [
          overSeeds(
            'whole',
            points.map((own) => own.map(({ step, change }) => [step, change.frobenius] as const)),
          ),
          ...ends.map((layer) =>
            overSeeds(
              layer,
              points.map((own) => own.map(({ step, layers: by }) => [step, by![layer]!.frobenius] as const)),
            ),
          ),
        ],
      };
    }),
  });

/** Figures of a check by file name. */
export const checkFigures = (experiment: CheckedExperiment): Readonly<Record<string, string>> => {
  const linearization = linearizationFigure(experiment);
  return {
    'chi.svg': chiFigure(experiment),
    'f-lin.svg': scatterFigure(experiment),
    'kernel-drift.svg': driftFigure(experiment),
    ...(linearization !== undefined && { 'linearization.svg': linearization }),
  };
};
