import { basename } from 'node:path';
import { formulaNames, formulaOf } from '@ntk-lens/kernels/formulas';
import { storedFormulaName } from '@ntk-lens/lens/stored';
import type { Page } from '@ntk-lens/report/page';
import { readExamples } from '../../run/examples-file.js';
import { kernelName } from '../../run/method-name.js';
import { programAndVersion } from '../../version.js';
import { examplesPart, MOST_CHARACTERS, readPredictions } from './examples-part.js';
import { kernelView, openKernel } from './kernel-view.js';
import { provenanceSection } from './provenance.js';
import { solvedPart } from './solved-part.js';

/**
 * The page of kernels without a record of a run: those of another program, or of an earlier version of this one. Solutions that
 * `solve` left are shown.
 *
 * @throws what reading kernels throws
 */
export const kernelPage = async (directory: string, memory?: number): Promise<Page> => {
  const stored = await openKernel(directory, memory);
  const { splits, identity } = stored;
  const known = storedFormulaName(identity['formula']);
  const formula = formulaNames.find((name) => name === known);
  const count = splits.train.labels.data.reduce((most, label) => Math.max(most, label), 0) + 1;
  const labels =
    (identity['labels'] as readonly string[] | undefined) ??
    Array.from({ length: count }, (_, i) => `label ${i}`);
  const { task, shots, seed } = identity as Readonly<Record<string, string | number | undefined>>;
  const sample = [shots !== undefined && `${shots}-shot`, seed !== undefined && `seed ${seed}`]
    .filter(Boolean)
    .join(', ');
  const solved = await solvedPart([directory]);
  const name = formula ? kernelName(formula) : 'Kernel';
  const names = {
    ...{ name, sample: sample || undefined, labels, examples: await readExamples(directory) },
    withoutUnit: formula === undefined || formulaOf(formula).finish !== undefined,
  };
  const view = kernelView(stored, names);
  const predictions = await readPredictions(directory);
  return {
    title: task === undefined ? basename(directory) : `${task}${sample ? `, ${sample}` : ''}`,
    subtitle: name,
    sections: [
      ...(solved ? [{ title: 'Results', parts: [solved] }] : []),
      { title: 'Kernel', parts: [], sections: await view.sections() },
      ...(predictions && names.examples
        ? [
            {
              title: 'Test examples',
              parts: [examplesPart(await view.nearest(), names.examples, predictions, MOST_CHARACTERS)],
            },
          ]
        : []),
      await provenanceSection({ directories: [['Manifest', directory]] }),
    ],
    madeBy: programAndVersion,
  };
};
