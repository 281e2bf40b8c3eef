import type { Row, Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { ZeroShot } from '../run/zero-shot.js';
import { intervalNotes } from './accuracy-chart.js';
import { metricFormat } from './metric-format.js';

/** Majority and zero-shot results, one row a method; over several seeds mean ± sd (ddof 0). */
export const zeroShotTable = ({ task, model, config, cells }: ZeroShot): Table => {
  const rows: Row[] = [];
  for (const shots of config.shots) {
    const group = cells.filter((cell) => cell.shots === shots);
    for (const [k, { name }] of (group[0]?.methods ?? []).entries()) {
      const summary = (split: 'dev' | 'test', metric: (typeof task.metrics)[number]) => {
        const values = group.map(({ methods }) => methods[k]![split][metric] ?? Number.NaN);
        return values.length === 1 ? values[0]! : meanAndSd(values);
      };
      rows.push({
        cells: [
          ...(config.shots.length > 1 ? [shots] : []),
          name,
          summary('dev', task.metrics[0]),
          ...task.metrics.map((metric) => summary('test', metric)),
        ],
        rule: k === 0,
      });
    }
  }
  const words = task.labels.map((label, i) => `${label} → ${task.labelWords[i]}`).join(', ');
  const { demonstrations: demos } = config;
  return {
    title: `${task.name}, seeds ${config.seeds.join(', ')} · ${model.name}`,
    columns: [
      ...(config.shots.length > 1 ? [{ header: 'shots' }] : []),
      { header: 'method', align: 'left' as const },
      { header: `dev ${task.metrics[0]}`, ...metricFormat(task.metrics[0]) },
      ...task.metrics.map((metric) => ({ header: `test ${metric}`, ...metricFormat(metric) })),
    ],
    rows,
    notes: [
      `prompt  ${task.template}  with ${words}; label words read by the rule ${config.labelRule ?? 'single'}`,
      `${cells[0]?.examples.dev} dev, ${cells[0]?.examples.test} test examples`,
      ...cells.slice(0, 1).flatMap(({ examples, methods }) =>
        intervalNotes(
          task.metrics[0],
          methods.flatMap(({ test }) => test[task.metrics[0]] ?? []),
          examples.test,
        ),
      ),
      ...(demos
        ? [
            `${demos.perLabel} demonstration${demos.perLabel > 1 ? 's' : ''} per label, seed ${demos.seed}${demos.filter === undefined ? '' : `, drawn from the most similar ${demos.filter}`}`,
          ]
        : []),
    ],
  };
};
