import { ndarray } from '@ntk-lens/core';
import { blockBytesOf, type LargeKernel } from '@ntk-lens/lens/stored';
import { type HeatMap, heatMap } from '@ntk-lens/report';
import { type AveragedMatrix, averagedRows } from '@ntk-lens/report/page';
import { describeMap, type KernelNames } from './figures.js';
import { pairRows } from './pair-rows.js';

/** Rows and columns of a figure, at most: more are averaged. */
const MOST = 512;

/** The averages of a kernel that is read by rows, as a heat map with them. */
export const averagedMap = async (
  { splits, memory }: LargeKernel,
  names: KernelNames,
  split: 'train' | 'test',
  most: number,
  pairs = pairRows(splits[split]),
): Promise<{ readonly map: HeatMap; readonly averages: AveragedMatrix }> => {
  const [rows, columns] = [splits.train.labels.data, splits[split].labels.data];
  const blockBytes = blockBytesOf(splits, memory);
  const averages = await averagedRows(pairs, rows, columns, most, blockBytes);
  const size = [averages.rows.length, averages.columns.length];
  const map = describeMap(
    { ...names, outputs: splits.train.shape[1] ?? 1 },
    split,
    ndarray<'float64'>(averages.values, size),
    { rows: averages.rowGroups, columns: averages.columnGroups },
  );
  return { averages, map };
};

/** `kernel.svg` of a kernel that is larger than memory. */
export const largeKernelFigure = async (kernel: LargeKernel, names: KernelNames): Promise<string> => {
  const { map, averages } = await averagedMap(kernel, names, 'test', MOST);
  const label = (name: string, members: readonly (readonly number[])[], all: number) =>
    members.length < all ? `${name}, averaged` : name;
  const [n, m] = [kernel.splits.train, kernel.splits.test].map(({ labels }) => labels.data.length);
  return heatMap({
    ...map,
    rows: { ...map.rows, label: label(map.rows.label, averages.rows, n!) },
    columns: { ...map.columns, label: label(map.columns.label, averages.columns, m!) },
  });
};
