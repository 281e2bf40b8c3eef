import { basename } from 'node:path';
import type { Cell, Row, Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import { chosenText } from '../run/method-name.js';
import type { SolvedDirectory } from '../run/solve-directory.js';
import { diagnosticsNotes } from './diagnostics-notes.js';
import { storedFormulaText } from './formula-text.js';
import { metricFormat } from './metric-format.js';

/** Fields that differ from seed to seed of one experiment. */
const ofTheSeed = ['seed', 'dataHash'];

/** Directories of one group differ in nothing but the seed, as far as their manifests say. */
const groupKey = ({ kernel = {} }: SolvedDirectory): string =>
  JSON.stringify(Object.entries(kernel).filter(([name]) => !ofTheSeed.includes(name)));

const groupName = ({ kernel }: SolvedDirectory, solved: readonly SolvedDirectory[]): string => {
  if (kernel === undefined) return 'kernels of no known run';
  const { task, shots, binary, head } = kernel;
  const formulas = solved.map((other) => other.kernel?.['formula']);
  const formula = storedFormulaText(kernel['formula'], formulas);
  const parts = [task, shots === undefined ? undefined : `${shots}-shot`, formula, binary && 'binary', head];
  return parts.filter(Boolean).join(' ');
};

/** Results of `ntk-lens solve`: a row a directory, and the mean of those that differ in the seed only. */
export const solveTable = (solved: readonly SolvedDirectory[]): Table => {
  const metric = solved[0]?.metrics[0] ?? 'accuracy';
  const values = ({ scores }: SolvedDirectory): (number | null)[] => [
    scores.majority.test[metric] ?? null,
    scores.zeroShot?.test[metric] ?? null,
    scores.kernel.dev[metric] ?? null,
    scores.kernel.test[metric] ?? null,
  ];
  const severalSolvers = new Set(solved.map(({ scores }) => scores.kernel.solver)).size > 1;
  const chosen = ({ kernel }: SolvedDirectory['scores']): string =>
    [severalSolvers ? kernel.solver : '', chosenText(kernel.chosen)].filter(Boolean).join(': ');
  const rows: Row[] = solved.map((each) => ({
    cells: [basename(each.directory), ...values(each), chosen(each.scores)],
    strong: solved.length === 1,
  }));
  const byKey = new Map<string, SolvedDirectory[]>();
  for (const each of solved) byKey.set(groupKey(each), [...(byKey.get(groupKey(each)) ?? []), each]);
  const groups = [...byKey.values()];
  for (const [i, group] of groups.filter((list) => list.length > 1).entries()) {
    const all = group.map(values);
    const means = [0, 1, 2, 3].map((column): Cell => {
      const known = all.flatMap((row) => row[column] ?? []);
      return known.length === group.length ? meanAndSd(known) : null;
    });
    const name = groups.length > 1 ? ` of ${groupName(group[0]!, solved)}` : '';
    rows.push({ cells: [`mean ± sd${name}`, ...means, null], strong: true, rule: i === 0 });
  }
  const warnings = [...new Set(solved.flatMap(({ scores }) => scores.kernel.warnings))].map(
    (text) => `warning: ${text}`,
  );
  const mixed = new Set(solved.map(({ metrics }) => metrics[0])).size > 1;
  const solver = severalSolvers ? 'best solver on dev' : (solved[0]?.scores.kernel.solver ?? '');
  return {
    title: `${solver}, ${metric}`,
    columns: [
      { header: 'kernels', align: 'left' },
      { header: 'majority test', ...metricFormat(metric) },
      { header: 'zero-shot test', ...metricFormat(metric) },
      { header: 'kernel dev', ...metricFormat(metric) },
      { header: 'kernel test', ...metricFormat(metric) },
      { header: 'chosen on dev', align: 'left' },
    ],
    rows,
    notes: [
      ...diagnosticsNotes(
        solved.map((each) => [
          solved.length === 1 ? basename(each.directory) : groupName(each, solved),
          each.scores.kernel.diagnostics,
        ]),
      ),
      ...warnings,
      ...(mixed ? [`the directories' own metrics differ; all rows show ${metric}`] : []),
    ],
  };
};
