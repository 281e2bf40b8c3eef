import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formulaNames, formulaOf } from '@ntk-lens/kernels/formulas';
import { loadKernel, storedFormulaName } from '@ntk-lens/lens/stored';
import type { Page } from '@ntk-lens/report/page';
import { readExamples } from '../../run/examples-file.js';
import { kernelName } from '../../run/method-name.js';
import type { SolvedDirectory } from '../../run/solve-directory.js';
import { programAndVersion } from '../../version.js';
import { solveTable } from '../solve-table.js';
import { examplesPart, MOST_CHARACTERS, readPredictions } from './examples-part.js';
import { kernelSections, type ShownKernel } from './kernel-parts.js';
import { provenanceSection } from './provenance.js';

/**
 * The page of kernels without a record of a run: those of another program, or of an earlier version of this one. Solutions that
 * `solve` left are shown.
 *
 * @throws what reading kernels throws
 */
export const kernelPage = async (directory: string): Promise<Page> => {
  const { splits, identity } = await loadKernel(directory);
  const stored = storedFormulaName(identity['formula']);
  const formula = formulaNames.find((name) => name === stored);
  const count = Math.max(...Array.from(splits.train.labels.data)) + 1;
  const labels =
    (identity['labels'] as readonly string[] | undefined) ??
    Array.from({ length: count }, (_, i) => `label ${i}`);
  const { task, shots, seed } = identity as Readonly<Record<string, string | number | undefined>>;
  const sample = [shots !== undefined && `${shots}-shot`, seed !== undefined && `seed ${seed}`]
    .filter(Boolean)
    .join(', ');
  const solve = join(directory, 'solve.json');
  const solved = existsSync(solve)
    ? (JSON.parse(await readFile(solve, 'utf8')) as SolvedDirectory)
    : undefined;
  const name = formula ? kernelName(formula) : 'Kernel';
  const kernel: ShownKernel = {
    ...{ name, sample: sample || undefined, splits, labels, examples: await readExamples(directory) },
    withoutUnit: formula === undefined || formulaOf(formula).finish !== undefined,
  };
  const predictions = await readPredictions(directory);
  return {
    title: task === undefined ? basename(directory) : `${task}${sample ? `, ${sample}` : ''}`,
    subtitle: name,
    sections: [
      ...(solved
        ? [
            {
              title: 'Results',
              parts: [{ kind: 'table' as const, table: solveTable([{ ...solved, directory }]) }],
            },
          ]
        : []),
      { title: 'Kernel', parts: [], sections: await kernelSections(kernel) },
      ...(predictions && kernel.examples
        ? [
            {
              title: 'Test examples',
              parts: [examplesPart(kernel, kernel.examples, predictions, MOST_CHARACTERS)],
            },
          ]
        : []),
      await provenanceSection({ directories: [['Manifest', directory]] }),
    ],
    madeBy: programAndVersion,
  };
};
