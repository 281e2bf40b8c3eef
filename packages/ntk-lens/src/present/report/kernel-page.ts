import { basename } from 'node:path';
import { formulaNames, formulaOf } from '@ntk-lens/kernels/formulas';
import { loadKernel, storedFormulaName } from '@ntk-lens/lens/stored';
import type { Page } from '@ntk-lens/report/page';
import { readExamples } from '../../run/examples-file.js';
import { kernelName } from '../../run/method-name.js';
import { programAndVersion } from '../../version.js';
import { examplesPart, MOST_CHARACTERS, readPredictions } from './examples-part.js';
import { kernelSections, type ShownKernel } from './kernel-parts.js';
import { provenanceSection } from './provenance.js';
import { solvedPart } from './solved-part.js';

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
  const solved = await solvedPart([directory]);
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
      ...(solved ? [{ title: 'Results', parts: [solved] }] : []),
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
