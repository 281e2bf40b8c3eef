import { basename } from 'node:path';
import type { Cell, Row, Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { SolvedDirectory } from '../run/solve-directory.js';
import { chosenText } from './method-name.js';
import { metricFormat } from './metric-format.js';

/** Results of `ntk-lens solve`: a row a directory, and their mean when there are several. */
export const solveTable = (solved: readonly SolvedDirectory[]): Table => {
  const metric = solved[0]?.metrics[0] ?? 'accuracy';
  const values = ({ scores }: SolvedDirectory): (number | null)[] => [
    scores.majority.test[metric] ?? null,
    scores.zeroShot?.test[metric] ?? null,
    scores.kernel.dev[metric] ?? null,
    scores.kernel.test[metric] ?? null,
  ];
  const all = solved.map(values);
  const rows: Row[] = solved.map(({ directory, scores }, i) => ({
    cells: [basename(directory), ...all[i]!, chosenText(scores.kernel.chosen)],
    strong: solved.length === 1,
  }));
  const means = [0, 1, 2, 3].map((column): Cell => {
    const known = all.flatMap((row) => row[column] ?? []);
    return known.length === solved.length ? meanAndSd(known) : null;
  });
  if (solved.length > 1) rows.push({ cells: ['mean ± sd', ...means, null], strong: true, rule: true });
  const notes = [...new Set(solved.flatMap(({ scores }) => scores.kernel.warnings))].map(
    (text) => `warning: ${text}`,
  );
  const mixed = new Set(solved.map(({ metrics }) => metrics[0])).size > 1;
  return {
    title: `${solved[0]?.scores.kernel.solver ?? ''}, ${metric}`,
    columns: [
      { header: 'kernels', align: 'left' },
      { header: 'majority test', ...metricFormat(metric) },
      { header: 'zero-shot test', ...metricFormat(metric) },
      { header: 'kernel dev', ...metricFormat(metric) },
      { header: 'kernel test', ...metricFormat(metric) },
      { header: 'chosen on dev', align: 'left' },
    ],
    rows,
    notes: [...notes, ...(mixed ? [`the directories' own metrics differ; all rows show ${metric}`] : [])],
  };
};
