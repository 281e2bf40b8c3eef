import { type LineSeries, lineChart } from '@ntk-lens/report';
import type { Part } from '@ntk-lens/report/page';
import type { TunedSample } from '../../run/finetune/tuned-sample.js';
import { metricFormat } from '../metric-format.js';

/** A training that dev chose, with its name among others. */
export interface NamedTraining {
  readonly name: string;
  readonly sample: TunedSample;
}

/** Losses of more steps than this are means of neighbours. */
const MOST_POINTS = 120;

/** Neighbouring points as their mean, so that a line has at most {@link MOST_POINTS}. */
const thinned = (points: LineSeries['points']): LineSeries['points'] => {
  const together = Math.ceil(points.length / MOST_POINTS);
  return Array.from({ length: Math.ceil(points.length / together) }, (_, k) => {
    const own = points.slice(k * together, (k + 1) * together);
    return { x: own.at(-1)!.x, y: own.reduce((sum, { y }) => sum + y / own.length, 0) };
  });
};

const finite = (points: readonly { readonly x: number; readonly y: number | undefined | null }[]) =>
  points.flatMap(({ x, y }) => (typeof y === 'number' && Number.isFinite(y) ? [{ x, y }] : []));

/**
 * Loss and score along the trainings that dev chose.
 *
 * @param metric name of the scores on dev
 */
export const trajectoryParts = (
  subtitle: string,
  metric: string,
  trainings: readonly NamedTraining[],
): readonly Part[] => {
  const histories = trainings.map(({ name, sample }) => ({
    name,
    history: sample.grid[sample.chosen]?.history ?? [],
  }));
  const losses = histories.flatMap(({ name, history }): LineSeries[] => [
    { label: `${name}, train`, points: thinned(finite(history.map(({ step: x, loss: y }) => ({ x, y })))) },
    {
      ...{ label: `${name}, dev`, like: `${name}, train`, fit: true },
      points: finite(history.map(({ step: x, dev }) => ({ x, y: dev?.loss }))),
    },
  ]);
  const scores = histories.map(
    ({ name, history }): LineSeries => ({
      label: name,
      points: finite(history.map(({ step: x, dev }) => ({ x, y: dev?.score }))),
    }),
  );
  const chart = (title: string, label: string, series: readonly LineSeries[]): Part[] => {
    const drawn = series.filter(({ points }) => points.length > 0);
    if (drawn.length === 0) return [];
    return [
      {
        kind: 'figure',
        svg: lineChart({
          ...{ title, subtitle, x: { label: 'optimizer step' }, y: { label } },
          panels: [{ series: drawn }],
        }),
      },
    ];
  };
  return [
    ...chart('Loss along fine-tuning', 'cross-entropy', losses),
    ...chart('Score along fine-tuning', `dev ${metric}`, scores),
  ];
};

/** Every point of the grids, with what dev said of it. */
export const gridPart = (metric: string, trainings: readonly NamedTraining[]): Part => ({
  kind: 'table',
  table: {
    title: 'Points of the grid',
    columns: [
      { header: 'training', align: 'left' },
      { header: 'learning rate' },
      { header: 'batch' },
      { header: 'step' },
      { header: `dev ${metric}`, ...metricFormat(metric) },
      { header: 'chosen', align: 'left' },
    ],
    rows: trainings.flatMap(({ name, sample }, t) =>
      sample.grid.map((point, i) => ({
        cells: [
          name,
          point.learningRate,
          point.batchSize,
          point.step,
          point.dev ?? null,
          point.diverged ? 'diverged' : i === sample.chosen ? 'chosen by dev' : '',
        ],
        strong: i === sample.chosen,
        rule: i === 0 && t > 0,
      })),
    ),
  },
});
