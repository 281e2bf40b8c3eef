import { type RowSource, rowBlocks } from '@ntk-lens/core';
import { blockBytesOf, type LargeKernel, productsOn } from '@ntk-lens/lens/stored';
import { type HeatMapPart, type Part, spectrumChart } from '@ntk-lens/report/page';
import { rowsOperator, topLabelSpectrum } from '@ntk-lens/solvers/matrix-free';
import type { KernelNames } from '../figures.js';
import { averagedMap } from '../large-figures.js';
import { keepingDiagonal, pairRows } from '../pair-rows.js';
import type { ShownExamples } from './kernel-parts.js';
import { NEAREST, type Nearest } from './nearest.js';

/** Eigenvalues that are shown of a kernel which is read by rows. */
const EIGENVALUES = 32;

/** The parts of a report on a kernel that is larger than memory: each reads it a few times, block by block. */
export const largeKernelParts = (large: LargeKernel, names: KernelNames & ShownExamples) => {
  const { splits, memory } = large;
  const blockBytes = blockBytesOf(splits, memory);
  const { source: train, diagonal } = keepingDiagonal(pairRows(splits.train));
  let isRead = false;

  const map = async (split: 'train' | 'test', most: number): Promise<HeatMapPart> => {
    const pairs = split === 'train' ? train : pairRows(splits.test);
    const { map: own, averages } = await averagedMap(large, names, split, most, pairs);
    isRead ||= split === 'train';
    const texts = (name: 'train' | 'test') => names.examples?.[name].map((example) => example.texts);
    return {
      kind: 'heat-map',
      map: {
        ...own,
        rows: { ...own.rows, texts: texts('train'), members: averages.rows },
        columns: { ...own.columns, texts: texts(split), members: averages.columns },
      },
      most,
    };
  };

  const spectrum = async (): Promise<Part> => {
    const { labels, asymmetric } = splits.train;
    if (asymmetric)
      return { kind: 'text', text: 'This kernel is not symmetric, so it has no spectrum of eigenvalues.' };
    const operator = rowsOperator(train, { symmetric: true, addProduct: productsOn(), blockBytes });
    const count = Math.min(EIGENVALUES, labels.data.length);
    const { eigenvalues, shares, bounds } = await topLabelSpectrum(operator, labels.data, count);
    isRead = true;
    if (eigenvalues.length === 0)
      return {
        kind: 'text',
        text: 'The largest eigenvalues lie too close together to be found in few products.',
      };
    const { name, sample } = names;
    const within = bounds.reduce((most, bound) => Math.max(most, bound), 0) / eigenvalues[0]!;
    return {
      kind: 'figure',
      svg: spectrumChart({
        title: `Top of the spectrum of the ${name}`,
        subtitle: sample,
        eigenvalues,
        shares,
      }),
      notes: [
        'The part along an eigenvector v is ‖vᵀY‖² / ‖Y‖² for the centred indicators Y of the labels. Kernel regression learns directions of large eigenvalues first.',
        `The kernel is read from the disk, so the largest ${eigenvalues.length} of ${labels.data.length} eigenvalues are shown. Each has an error of at most ${within.toExponential(0)} times the largest one.`,
      ],
    };
  };

  const nearest = async (): Promise<readonly Nearest[]> => {
    if (!isRead) for await (const _ of rowBlocks(train, blockBytes));
    const norms = diagonal.map((square) => Math.sqrt(Math.max(0, square)) || 1);
    return nearestRows(pairRows(splits.test), norms, blockBytes);
  };
  return { map, spectrum, nearest };
};

/** For each column the rows of the largest values per norm, the largest first. */
const nearestRows = async (
  source: RowSource,
  norms: Float64Array,
  blockBytes: number,
): Promise<readonly Nearest[]> => {
  const [, m] = source.shape;
  const best: [number, number][][] = Array.from({ length: m }, () => []);
  for await (const { from, count, data } of rowBlocks(source, blockBytes))
    for (let k = 0; k < count; k++)
      for (let j = 0; j < m; j++) {
        const score = data[k * m + j]! / norms[from + k]!;
        const own = best[j]!;
        if (own.length === NEAREST && score <= own[NEAREST - 1]![1]) continue;
        const place = own.findIndex(([, other]) => score > other);
        own.splice(place < 0 ? own.length : place, 0, [from + k, score]);
        own.length = Math.min(own.length, NEAREST);
      }
  return best.map((own) => {
    const most = Math.abs(own[0]?.[1] ?? 0) || 1;
    return own.map(([i, score]) => [i, score / most] as const);
  });
};
