import { type NDArray, ndarray } from '@ntk-lens/core';
import { formulaOf } from '@ntk-lens/kernels/formulas';
import type { KernelSplits, MethodScores } from '@ntk-lens/lens/stored';
import { type HeatMap, heatMap, math } from '@ntk-lens/report';
import type { CellResult, Experiment } from '../run/experiment.js';
import { cellKernelName } from '../run/method-name.js';
import { accuracyChart, type MethodResult } from './accuracy-chart.js';

/**
 * One number per pair of examples, `[n, m]`: Σ_c K(c, c) − (1/C) Σ_cc' K(c, c'), the kernel of the logits
 * with their mean removed, which is all that a softmax sees. With one output it is the kernel itself.
 */
export const pairKernel = ({ data, shape }: NDArray<'float64'>): NDArray<'float64'> => {
  const [n = 0, outputs = 0, m = 0] = shape;
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < outputs; c++) {
      for (let j = 0; j < m; j++) {
        const start = ((i * outputs + c) * m + j) * outputs;
        for (let d = 0; d < outputs; d++) {
          const weight = outputs === 1 ? 1 : (c === d ? 1 : 0) - 1 / outputs;
          out[i * m + j]! += weight * data[start + d]!;
        }
      }
    }
  }
  return ndarray<'float64'>(out, [n, m]);
};

/**
 * Removes row and column means: the rest distinguishes examples, and does not show how large their gradients
 * are.
 */
export const centred = ({ data, shape }: NDArray<'float64'>): NDArray<'float64'> => {
  const [n = 0, m = 0] = shape;
  const rows = new Float64Array(n);
  const columns = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      rows[i]! += data[i * m + j]! / m;
      columns[j]! += data[i * m + j]! / n;
    }
  }
  const mean = rows.reduce((sum, row) => sum + row / n, 0);
  return ndarray<'float64'>(
    data.map((value, k) => value - rows[Math.floor(k / m)]! - columns[k % m]! + mean),
    [n, m],
  );
};

/** The place of a kernel among others, as a figure names it. */
export interface KernelNames {
  /** `SGD kernel` */
  readonly name: string;
  /** `16-shot, seed 42` */
  readonly sample?: string;
  readonly labels: readonly string[];
  /** True for a formula that ends in a normalization, which has no unit. */
  readonly withoutUnit?: boolean;
}

/** A kernel in memory, as a figure names it. */
export interface NamedKernel extends KernelNames {
  readonly splits: KernelSplits;
}

/** A kernel of a cell, as figures name it. */
export const cellNames = (
  cell: Pick<CellResult, 'formula' | 'space' | 'shots' | 'seed' | 'withoutPrompt'>,
  labels: readonly string[],
): KernelNames => ({
  ...{ name: cellKernelName(cell), labels },
  sample: `${cell.shots}-shot, seed ${cell.seed}${cell.withoutPrompt ? ', no prompt' : ''}`,
  withoutUnit: formulaOf(cell.formula).finish !== undefined,
});

/** A kernel of a cell in memory, as figures name it. */
export const namedKernel = (
  cell: Parameters<typeof cellNames>[0],
  splits: KernelSplits,
  labels: readonly string[],
): NamedKernel => ({ ...cellNames(cell, labels), splits });

/** Labels of the rows and columns of a heat map. */
interface MapGroups {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
}

/** A heat map of the values of a kernel of pairs, which are centred. */
export const describeMap = (
  { name, sample, labels, withoutUnit, outputs }: KernelNames & { readonly outputs: number },
  split: 'train' | 'test',
  values: NDArray<'float64'>,
  groups: MapGroups,
): HeatMap => ({
  title: `${name}${outputs > 1 ? ' of logit differences' : ''}`,
  subtitle: sample,
  values,
  value: [math`K(ξ, ξ′)`, ', centred'],
  unit: withoutUnit ? 'without unit' : ['logits per ', math`η χ`],
  rows: { label: 'train', groups: groups.rows, names: labels },
  columns: { label: split, groups: groups.columns, names: labels },
  caption: 'examples of a label: the most like it first; row and column means are removed',
});

/**
 * The kernel of training examples and those of a split, centred, as a heat map. K(ξ, ξ′) is the move of the logits at ξ′ in a
 * step on ξ, per unit of learning rate and of the loss's derivative χ at ξ. A formula that ends in a normalization has
 * no unit.
 */
export const kernelMap = ({ splits, ...names }: NamedKernel, split: 'train' | 'test'): HeatMap =>
  describeMap(
    { ...names, outputs: splits.train.kernel.shape[1] ?? 1 },
    split,
    centred(pairKernel(splits[split].kernel)),
    { rows: splits.train.labels.data, columns: splits[split].labels.data },
  );

/** The train × test kernel as `kernel.svg` shows it. */
export const kernelFigure = (splits: KernelSplits, cell: CellResult, labels: readonly string[]): string =>
  heatMap(kernelMap(namedKernel(cell, splits, labels), 'test'));

/** Test results of all methods; undefined when nothing was solved. */
export const accuracyFigure = ({ task, config, cells, model }: Experiment): string | undefined => {
  const [metric] = task.metrics;
  const methods: MethodResult[] = [];
  const add = (
    label: string,
    kind: MethodResult['kind'],
    own: readonly CellResult[],
    of: (scores: NonNullable<CellResult['scores']>) => MethodScores | undefined,
  ): void => {
    const values = own.flatMap(({ scores }) => (scores && of(scores)?.test[metric]) ?? []);
    if (values.length > 0) methods.push({ label, kind, values });
  };
  const addKernels = (group: readonly CellResult[], suffix: string): void => {
    for (const name of new Set(group.map(cellKernelName))) {
      const own = group.filter((cell) => cellKernelName(cell) === name);
      add(`${name}${suffix}`, 'kernel', own, ({ kernel }) => kernel);
    }
  };
  for (const shots of new Set(cells.map((cell) => cell.shots))) {
    const group = cells.filter((cell) => cell.shots === shots && !cell.withoutPrompt);
    const others = cells.filter((cell) => cell.shots === shots && cell.withoutPrompt);
    const suffix = config.shots.length > 1 ? `, ${shots}-shot` : '';
    if (methods.length === 0) {
      const samples = group.filter((cell) => cellKernelName(cell) === cellKernelName(group[0]!));
      add('majority', 'majority', samples, ({ majority }) => majority);
      add('zero-shot', 'zero-shot', samples, ({ zeroShot }) => zeroShot);
    }
    addKernels(group, suffix);
    addKernels(others, `, no prompt${suffix}`);
  }
  if (methods.length === 0) return undefined;
  return accuracyChart({
    title: `${task.name}, ${config.shots.join(' and ')}-shot`,
    ...{ subtitle: model.name, metric, methods, testExamples: cells[0]!.examples.test },
  });
};
