import type { NDArray } from '@ntk-lens/core';
import { type HeatMapPart, type Part, type Section, spectrumChart } from '@ntk-lens/report/page';
import { labelSpectrum } from '@ntk-lens/solvers';
import type { StoredExamples } from '../../run/examples-file.js';
import { kernelMap, type NamedKernel, pairKernel } from '../figures.js';

/** The examples of the rows and columns of a kernel, where they are known. */
export interface ShownExamples {
  readonly examples?: StoredExamples;
}

/** A kernel in memory that a report shows. */
export interface ShownKernel extends NamedKernel, ShownExamples {}

/** Decomposing more examples than this takes longer than a reader waits. */
const MOST_EXAMPLES = 2048;

const mapPart = (kernel: ShownKernel, split: 'train' | 'test', most: number): HeatMapPart => {
  const map = kernelMap(kernel, split);
  const texts = (name: 'train' | 'test') => kernel.examples?.[name].map((example) => example.texts);
  return {
    kind: 'heat-map',
    map: {
      ...map,
      rows: { ...map.rows, texts: texts('train') },
      columns: { ...map.columns, texts: texts(split) },
    },
    most,
  };
};

/** Eigenvalues of the kernel of pairs, with the labels along the eigenvectors; a sentence where there are none. */
const spectrumPart = async ({ name, sample, splits }: ShownKernel): Promise<Part> => {
  const { kernel, labels, flipped } = splits.train;
  if (flipped !== undefined)
    return { kind: 'text', text: 'This kernel is not symmetric, so it has no spectrum of eigenvalues.' };
  const pairs: NDArray<'float64'> = pairKernel(kernel);
  const [n] = pairs.shape;
  if (n! > MOST_EXAMPLES)
    return {
      kind: 'text',
      text: `The spectrum is shown for at most ${MOST_EXAMPLES} training examples; there are ${n}.`,
    };
  const { eigenvalues, shares } = await labelSpectrum(pairs.data, labels.data);
  return {
    kind: 'figure',
    svg: spectrumChart({ title: `Spectrum of the ${name}`, subtitle: sample, eigenvalues, shares }),
    notes: [
      'The part along an eigenvector v is ‖vᵀY‖² / ‖Y‖² for the centred indicators Y of the labels. Kernel regression learns directions of large eigenvalues first.',
    ],
  };
};

/** Heat map, spectrum, and the kernel of the training examples among themselves. */
export const inSections = (test: HeatMapPart, spectrum: Part, train: HeatMapPart): readonly Section[] => [
  { title: 'Training by test examples', parts: [test] },
  { title: 'Spectrum', parts: [spectrum] },
  { title: 'Training by training examples', parts: [train] },
];

/**
 * The sections on a kernel in memory.
 *
 * @param most most rows and columns of a heat map; more are averaged
 */
export const kernelSections = async (kernel: ShownKernel, most = 512): Promise<readonly Section[]> =>
  inSections(mapPart(kernel, 'test', most), await spectrumPart(kernel), mapPart(kernel, 'train', most));
