import { durationText, type Table } from '@ntk-lens/report';
import type { ExplainedReproduction } from './explain.js';

/** The plan as tables: the parts, and the work of which they are made. */
export const explainedTables = (plan: ExplainedReproduction): readonly Table[] => {
  const { model, parts, cells, seconds, directory } = plan;
  const uncounted = new Set(cells.flatMap((one) => (one.seconds === undefined ? one.what : [])));
  return [
    {
      title: `Parts of a reproduction with ${model}`,
      columns: [
        { header: 'part', align: 'left' },
        { header: 'to compute' },
        { header: 'finished' },
        { header: 'forecast', align: 'right' },
      ],
      rows: parts.map((one) => ({
        cells: [one.part, one.toCompute, one.known, durationText(one.seconds)],
      })),
      notes: [
        `about ${durationText(seconds)} in all, because parts share work; each part shows the time that it would take alone`,
      ],
    },
    {
      title: `Work of a reproduction with ${model}`,
      columns: [
        { header: 'task', align: 'left' },
        { header: 'shots' },
        { header: 'work', align: 'left' },
        { header: 'for the parts', align: 'left' },
        { header: 'to compute' },
        { header: 'by a check' },
        { header: 'finished' },
        { header: 'forecast', align: 'right' },
      ],
      rows: cells.map((one, i) => ({
        cells: [
          ...[one.task, one.shots, one.what, one.parts.join(', ')],
          ...[one.toCompute, one.byCheck, one.known],
          one.seconds === undefined ? null : durationText(one.seconds),
        ],
        rule: i > 0 && cells[i - 1]!.task !== one.task,
      })),
      notes: [
        'the forecast is from one sample of each task and number of shots; the time to load weights is not included',
        'by a check: a check in the rows above computes these kernels and trainings, and the parts share them',
        ...(uncounted.size > 0 ? [`without a forecast: ${[...uncounted].join('; ')}`] : []),
        `directory: ${directory}`,
      ],
    },
  ];
};
