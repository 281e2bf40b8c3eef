import type { OptimizerMeasurement } from '@ntk-lens/lens';
import { type LineSeries, lineChart, type ScatterPanel, scatterChart } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import { seedBand } from './seed-band.js';

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Mean over seeds with the range over seeds as a band, at each step. */
const overSeeds = (label: string, seeds: readonly (readonly (readonly [number, number])[])[]): LineSeries => {
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
const distribution = (label: string, sizes: readonly number[], dashed: boolean): LineSeries => ({
  label,
  dashed,
  points: Array.from({ length: 101 }, (_, i) => ({
    x: i / 100,
    y: sizes.filter((size) => size <= i / 100).length / sizes.length,
  })),
});

/** Distributions of |χ| on test, by the way the model is asked; on train for the prompt. */
const chiFigure = ({ natural, task, model }: CheckedExperiment): string => {
  const all = (split: 'train' | 'test', name: string) => natural.flatMap((seed) => seed[split][name]!);
  const names = Object.keys(natural[0]!.test);
  return lineChart({
    title: `Output derivatives before any step: ${task.name}, ${model.name}`,
    x: { label: '|χ| = 1 − p(label)' },
    y: { label: 'share of examples with at most that' },
    series: [
      ...names.map((name) => distribution(name, all('test', name), false)),
      distribution('prompt, train', all('train', names[0]!), true),
    ],
  });
};

/** Relative errors of f_lin along the way from θ₀, and of single steps. */
const linearizationFigure = ({ optimizers, config, task, model }: CheckedExperiment): string | undefined => {
  const known = (points: readonly (readonly [number, number | undefined])[]) =>
    points.filter((point): point is readonly [number, number] => point[1] !== undefined);
  const series = config.check.optimizers.flatMap((optimizer) => {
    const seeds = optimizers.filter((one) => one.optimizer === optimizer);
    const line = (
      label: string,
      of: (one: OptimizerMeasurement) => (readonly [number, number | undefined])[],
    ) =>
      overSeeds(
        `${optimizerNamed(optimizer).title}, ${label}`,
        seeds.map((one) => known(of(one))),
      );
    return [
      line('from θ₀', ({ path }) => path.map(({ step, error }) => [step, error.relative])),
      line('single steps', ({ steps }) => steps.map(({ to, error }) => [to, error.relative])),
    ];
  });
  const drawn = series.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return undefined;
  return lineChart({
    title: `Linearization along fine-tuning: ${task.name}, ${model.name}`,
    x: { label: 'optimizer step' },
    y: { label: '‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖' },
    series: drawn,
    references: [{ label: 'half of the change', value: 0.5 }],
  });
};

/** f_lin against f at θ_T on all test examples: how far right each is, linearized and in truth, and before any step. */
const scatterFigure = ({ optimizers, config, task, model }: CheckedExperiment): string => {
  const shown = (value: number | undefined) => (value === undefined ? '–' : value.toPrecision(2));
  const panels = config.check.optimizers.map((optimizer): ScatterPanel => {
    const seeds = optimizers.filter((one) => one.optimizer === optimizer);
    const against = (name: 'start' | 'linearized') =>
      seeds.flatMap(({ margins }) => margins.tuned.map((f, i) => [f, margins[name][i]!] as const));
    const steps = [...new Set(seeds.map(({ end }) => end.step))].sort((a, b) => a - b);
    const errors = seeds.flatMap(({ end }) => end.error.relative ?? []);
    return {
      title: `${optimizerNamed(optimizer).title}, θ_T after ${steps.join(', ')} steps`,
      series: [
        { label: 'f_lin, moved to θ_T', points: against('linearized') },
        { label: 'f at θ₀, not moved', points: against('start'), muted: true },
      ],
      notes: [`relative error ${shown(errors.length > 0 ? mean(errors) : undefined)}`],
    };
  });
  const margin =
    task.labels.length === 2
      ? 'logit of the label less the other'
      : 'logit of the label less the mean of the others';
  return scatterChart({
    title: `f_lin against f at θ_T: ${task.name}, ${model.name}`,
    x: `f(ξ; θ_T): ${margin}`,
    y: 'the same of f_lin(ξ)',
    panels,
  });
};

/** Change of the kernel, whole and by layer, at the last point that is not chosen by dev. */
const driftFigure = ({ optimizers, config, task, model }: CheckedExperiment): string =>
  lineChart({
    title: `Kernel drift along fine-tuning: ${task.name}, ${model.name}`,
    x: { label: 'optimizer step' },
    y: { label: '‖K(θ_t) − K(θ₀)‖ / ‖K(θ₀)‖' },
    series: config.check.optimizers.flatMap((optimizer) => {
      const seeds = optimizers.filter((one) => one.optimizer === optimizer);
      // The point that dev chose comes last, wherever it is.
      const points = seeds.map(({ features }) => features.points.slice(0, -1));
      const layers = Object.keys(points[0]?.[0]?.layers ?? {}).filter((name) => name.startsWith('layer.'));
      const shown = layers.length > 1 ? [layers[0]!, layers.at(-1)!] : layers;
      const name = `${optimizerNamed(optimizer).title}, ${seeds[0]!.features.formula}`;
      return [
        overSeeds(
          `${name}: whole`,
          points.map((own) => own.map(({ step, change }) => [step, change.frobenius] as const)),
        ),
        ...shown.map((layer) =>
          overSeeds(
            `${name}: ${layer}`,
            points.map((own) => own.map(({ step, layers: by }) => [step, by![layer]!.frobenius] as const)),
          ),
        ),
      ];
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
