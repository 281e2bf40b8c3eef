import { type FormulaName, formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import type { Cell, Column, Table } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { TaskSpec } from '@ntk-lens/tasks';
import { kernelName } from '../../run/method-name.js';
import { kernelCell } from '../cells/kernel-cell.js';
import type { ProtocolCell, Results } from '../cells/protocol-cell.js';
import { trainingCell } from '../cells/training-cell.js';
import {
  beginsShots,
  meanCell,
  medianCell,
  type SampleGroup,
  sampleGroups,
  sampleNotes,
} from './over-seeds.js';
import type { Part, PartRequest } from './part.js';

/** A kernel that is not symmetric has one output, and so needs two labels. */
export const takesFormula = ({ labels }: TaskSpec, formula: FormulaName): boolean =>
  labels.length === 2 || isSymmetric(formulaOf(formula));

/** The way to answer: a column of the table. */
interface Method {
  readonly header: string;
  /** Test scores, one for each seed; none where the method does not fit the task. */
  readonly scores: (group: SampleGroup, results: Results) => readonly (number | undefined)[];
  readonly cells: (group: SampleGroup) => readonly ProtocolCell[];
}

const methodsOf = ({ config: { run, check, optimizers } }: PartRequest): readonly Method[] => {
  const trained = optimizers.map((name): Method => {
    const cells = ({ samples }: SampleGroup) => samples.map((sample) => trainingCell(sample, check, name));
    return {
      header: `${optimizerNamed(name).title} fine-tuning`,
      cells,
      scores: (group, results) => cells(group).map((cell) => results(cell).tuned.test[group.spec.metrics[0]]),
    };
  });
  const kernels = run.formulas.map((formula): Method => {
    const cells = ({ samples, spec }: SampleGroup) =>
      takesFormula(spec, formula) ? samples.map((sample) => kernelCell(sample, formula)) : [];
    return {
      header: kernelName(formula),
      cells,
      scores: (group, results) =>
        cells(group).map((cell) => results(cell).scores.kernel.test[group.spec.metrics[0]]),
    };
  });
  const [first] = run.formulas;
  const zeroShot: Method = {
    header: 'zero-shot',
    cells: () => [],
    scores: ({ samples, spec }, results) =>
      takesFormula(spec, first!)
        ? samples.map((one) => results(kernelCell(one, first!)).scores.zeroShot?.test[spec.metrics[0]])
        : [],
  };
  return [zeroShot, ...trained, ...kernels];
};

const tableOf = (
  request: PartRequest,
  results: Results,
  title: string,
  column: Omit<Column, 'header'>,
  show: (values: readonly (number | undefined)[]) => Cell,
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
      cells: [group.shots, group.spec.name, ...methods.map(({ scores }) => show(scores(group, results)))],
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
        ? ['a dash: a kernel that is not symmetric has one output, for tasks of two labels']
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
