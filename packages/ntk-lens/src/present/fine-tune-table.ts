import type { Row, Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { FineTuneExperiment } from '../run/finetune/fine-tune-experiment.js';
import type { TunedSample } from '../run/finetune/tuned-sample.js';
import { metricFormat } from './metric-format.js';

/** Zero-shot and fine-tuned results, a row for each sample; over several seeds also mean ± sd (ddof 0). */
export const fineTuneTable = ({ task, model, space, config, samples }: FineTuneExperiment): Table => {
  const [metric] = task.metrics;
  const { training, run } = config;
  const rows: Row[] = [];
  for (const shots of run.shots) {
    const group = samples.filter((sample) => sample.shots === shots);
    const row = (name: string, one: TunedSample, rule: boolean): Row => {
      const chosen = one.grid[one.chosen]!;
      return {
        cells: [
          shots,
          name,
          chosen.learningRate,
          chosen.batchSize,
          chosen.step,
          one.zeroShot?.test[metric] ?? '–',
          one.tuned.dev[metric] ?? Number.NaN,
          ...task.metrics.map((m) => one.tuned.test[m] ?? Number.NaN),
        ],
        rule,
      };
    };
    for (const [i, one] of group.entries()) rows.push(row(String(one.seed), one, i === 0));
    if (group.length > 1) {
      const over = (value: (one: TunedSample) => number | undefined) =>
        meanAndSd(group.map((one) => value(one) ?? Number.NaN));
      rows.push({
        cells: [
          ...[shots, 'mean ± sd', '', '', ''],
          group.every(({ zeroShot }) => zeroShot) ? over(({ zeroShot }) => zeroShot!.test[metric]) : '–',
          over(({ tuned }) => tuned.dev[metric]),
          ...task.metrics.map((m) => over(({ tuned }) => tuned.test[m])),
        ],
        rule: true,
      });
    }
  }
  const points = training.learningRates.length * training.batchSizes.length;
  const diverged = samples.flatMap(({ grid }) => grid).filter((point) => point.diverged).length;
  const clipped = training.clipNorm === null ? '' : ` and gradients clipped to ${training.clipNorm}`;
  return {
    title: `${task.name}, ${space}, ${training.optimizer} · ${model.name}`,
    columns: [
      { header: 'shots' },
      { header: 'seed', align: 'left' },
      { header: 'lr' },
      { header: 'batch' },
      { header: 'step' },
      { header: `zero-shot ${metric}`, ...metricFormat(metric) },
      { header: `dev ${metric}`, ...metricFormat(metric) },
      ...task.metrics.map((m) => ({ header: `test ${m}`, ...metricFormat(m) })),
    ],
    rows,
    notes: [
      `${samples[0]?.dimension.toLocaleString('en')} numbers are trained in ${training.steps} steps with a ${training.schedule} schedule${clipped}`,
      ...(points > 1 ? [`lr and batch are chosen on dev among ${points} points`] : []),
      ...(diverged > 0 ? [`${diverged} of them diverged`] : []),
    ],
  };
};
