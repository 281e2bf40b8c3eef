import { formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import { solverNames } from '@ntk-lens/solvers';
import { kernelName } from '../../run/method-name.js';
import { kernelCell } from '../cells/kernel-cell.js';
import { solveCell } from '../cells/solve-cell.js';
import { beginsShots, cellOf, meanCell, sampleGroups, sampleNotes } from './over-seeds.js';
import type { Part, PartRequest } from './part.js';
import { takesFormula } from './tables.js';

const formulasOf = ({ config }: PartRequest) => config.run.formulas;

/** Solvers of a kernel: `asym` solves those that are not symmetric, the others the rest. */
const compared = solverNames.filter((name) => name !== 'asym');

/** The same kernels, solved by every solver. */
export const solvers: Part = {
  title: 'Solvers compared',
  cells: (request) =>
    sampleGroups(request).flatMap(({ samples, spec }) =>
      formulasOf(request)
        .filter((formula) => isSymmetric(formulaOf(formula)) && takesFormula(spec, formula))
        .flatMap((formula) =>
          samples.flatMap((sample) => [
            kernelCell(sample, formula),
            ...compared.map((solver) => solveCell(sample, formula, solver)),
          ]),
        ),
    ),
  tell: (request, results) => {
    const groups = sampleGroups(request);
    const refused = new Map<string, string>();
    const rows = groups.flatMap((group, i) =>
      formulasOf(request)
        .filter((formula) => isSymmetric(formulaOf(formula)))
        .map((formula, k) => {
          const [metric] = group.spec.metrics;
          const cells = compared.map((solver) => {
            const own = group.samples.map((sample) => solveCell(sample, formula, solver));
            return cellOf(results, own, (solved) => {
              for (const one of solved) if (one.refused !== undefined) refused.set(solver, one.refused);
              return meanCell(solved.map(({ test }) => test?.[metric]));
            });
          });
          return {
            cells: [group.shots, group.spec.name, kernelName(formula), ...cells],
            rule: k === 0 && beginsShots(groups, i),
          };
        }),
    );
    return {
      tables: {
        solvers: {
          title: 'The same kernels by different solvers: mean ± standard deviation',
          columns: [
            { header: 'shots' },
            { header: 'task', align: 'left' },
            { header: 'kernel', align: 'left' },
            ...compared.map((header) => ({ header, align: 'right' as const, percent: true, digits: 1 })),
          ],
          rows,
          notes: [
            ...sampleNotes(request),
            'the hyperparameters of every solver are chosen on the development set',
            ...[...refused].map(([solver, why]) => `a dash for ${solver}: ${why}`),
          ],
        },
      },
      figures: {},
    };
  },
};
