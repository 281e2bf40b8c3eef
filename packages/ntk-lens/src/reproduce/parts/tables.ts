import { type FormulaName, formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import type { Cell, Column, Table } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { MetricName, TaskSpec } from '@ntk-lens/tasks';
import { kernelName } from '../../run/method-name.js';
import { kernelCell } from '../cells/kernel-cell.js';
import type { ProtocolCell, Results } from '../cells/protocol-cell.js';
import { trainingCell } from '../cells/training-cell.js';
import {
  beginsShots,
  cellOf,
  meanCell,
  medianCell,
  type SampleGroup,
  sampleGroups,
  sampleNotes,
} from './over-seeds.js';
import type { Part, PartRequest } from './part.js';

/** A kernel that is not symmetric has one output and is solved as a classifier, and so needs two labels. */
export const takesFormula = ({ labels, kind }: TaskSpec, formula: FormulaName): boolean =>
  isSymmetric(formulaOf(formula)) || (labels.length === 2 && kind === 'classification');

/** The way to answer: a column of the table. */
interface Method {
  readonly header: string;
  /** None where the method does not fit the task. */
  readonly cells: (group: SampleGroup) => readonly ProtocolCell[];
  /** Shows test scores, one for each seed. */
  readonly show: (group: SampleGroup, results: Results, scores: ShowScores) => Cell;
}

type ShowScores = (values: readonly (number | undefined)[]) => Cell;

/** @param scoreOf the test score of a result */
const methodOf = <R>(
  header: string,
  cells: (group: SampleGroup) => readonly ProtocolCell<R>[],
  scoreOf: (result: R, metric: MetricName) => number | undefined,
): Method => ({
  ...{ header, cells },
  show: (group, results, scores) =>
    cellOf(results, cells(group), (found) => scores(found.map((one) => scoreOf(one, group.spec.metrics[0])))),
});

const methodsOf = ({ config: { run, check, optimizers } }: PartRequest): readonly Method[] => {
  const kernelsOf =
    (formula: FormulaName) =>
    ({ samples, spec }: SampleGroup) =>
      takesFormula(spec, formula) ? samples.map((sample) => kernelCell(sample, formula)) : [];
  const trained = optimizers.map((name) =>
    methodOf(
      `${optimizerNamed(name).title} fine-tuning`,
      ({ samples }) => samples.map((sample) => trainingCell(sample, check, name)),
      ({ tuned }, metric) => tuned?.test[metric],
    ),
  );
  const kernels = run.formulas.map((formula) =>
    methodOf(kernelName(formula), kernelsOf(formula), ({ scores }, metric) => scores.kernel.test[metric]),
  );
  const ofFirst = (header: string, method: 'majority' | 'zeroShot') =>
    methodOf(header, kernelsOf(run.formulas[0]!), ({ scores }, metric) => scores[method]?.test[metric]);
  return [ofFirst('majority', 'majority'), ofFirst('zero-shot', 'zeroShot'), ...trained, ...kernels];
};

const tableOf = (
  request: PartRequest,
  results: Results,
  title: string,
  column: Omit<Column, 'header'>,
  scores: ShowScores,
  notes: readonly string[],
): Table => {
  const methods = methodsOf(request);
  const groups = sampleGroups(request);
  return {
    title,
    columns: [
      { header: 'shots', align: 'right' },
      { header: 'task', align: 'left' },
      ...methods.map(({ header }) => ({ header, ...column })),
    ],
    rows: groups.map((group, i) => ({
      cells: [group.shots, group.spec.name, ...methods.map(({ show }) => show(group, results, scores))],
      rule: beginsShots(groups, i),
    })),
    notes: [...sampleNotes(request), ...notes],
  };
};

/** Fine-tuning next to its kernel analogues, over tasks, shots and seeds. */
export const tables: Part = {
  title: 'Fine-tuning next to its kernel analogues',
  cells: (request) =>
    sampleGroups(request).flatMap((group) => methodsOf(request).flatMap(({ cells }) => cells(group))),
  tell: (request, results) => {
    const { check, run } = request.config;
    const notes = [
      `fine-tuning: ${check.steps} steps; learning rate and batch size are chosen on the development set, as are the hyperparameters of kernels`,
      ...(run.formulas.some((name) => !isSymmetric(formulaOf(name)))
        ? [
            'a dash marks a kernel that is not symmetric: it has one output, so it exists only for tasks of two labels',
          ]
        : []),
    ];
    const title = 'Fine-tuning next to its kernel analogues';
    const percent = { align: 'right', percent: true, digits: 1 } as const;
    return {
      tables: {
        tables: tableOf(request, results, `${title}: mean ± standard deviation`, percent, meanCell, notes),
        'tables-median': tableOf(
          request,
          results,
          `${title}: median [range]`,
          { align: 'right' },
          medianCell,
          notes,
        ),
      },
      figures: {},
    };
  },
};
