import { aSignGd } from '@ntk-lens/kernels/formulas';
import type { Table } from '@ntk-lens/report';
import type { Conversion } from '../run/convert-from-torch.js';

/** The results of a conversion: shapes by split, and the files. */
export const conversionTable = ({ directory, task, splits, flipped, logits, files }: Conversion): Table => ({
  title: `${task ?? 'kernels'} → ${directory}`,
  columns: [{ header: 'split', align: 'left' }, { header: 'kernel' }, { header: 'files', align: 'left' }],
  rows: Object.entries(splits).map(([split, shape]) => ({
    cells: [split, shape.join(' × '), files.filter((name) => name.startsWith(split)).join(', ')],
  })),
  notes: [
    ...(flipped ? [`${aSignGd.title}: with flipped kernels`] : []),
    ...(logits
      ? []
      : ['there are no logits, so the kernels are solved without f0, and zero-shot has no result']),
  ],
});
