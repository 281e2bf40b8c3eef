import { splitNames } from '@ntk-lens/core';
import { durationText, type Table } from '@ntk-lens/report';
import type { Experiment } from '../run/experiment.js';
import { cellKernelName } from '../run/method-name.js';

/** The results of `ntk-lens kernel`: shapes and time of each kernel. */
export const kernelTable = ({ cells, task, model }: Experiment): Table => ({
  title: `${task.name} · ${model.name}`,
  columns: [
    { header: 'kernel', align: 'left' },
    { header: 'shots' },
    { header: 'seed' },
    { header: 'train', align: 'right' },
    { header: 'dev', align: 'right' },
    { header: 'test', align: 'right' },
    { header: 'time', align: 'right' },
  ],
  rows: cells.map((cell) => ({
    cells: [
      cellKernelName(cell),
      cell.shots,
      cell.seed,
      ...splitNames.map((split) => cell.shapes[split].join(' × ')),
      cell.reused ? 'stored before' : durationText(cell.seconds.kernels),
    ],
  })),
  notes: cells[0]
    ? [`${cells[0].runtime.runtime} ${cells[0].runtime.dtype}, ${cells[0].runtime.version}`]
    : [],
});
