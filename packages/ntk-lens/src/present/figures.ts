import { type NDArray, ndarray } from '@ntk-lens/core';
import { type Bar, barChart, heatMap } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { CellResult, Experiment } from '../run/experiment.js';
import type { MethodScores } from '../run/solve-splits.js';
import type { KernelSplits } from '../run/store/kernel-files.js';
import { kernelName } from './method-name.js';
import { isPercent } from './metric-format.js';

/** Σ_c K(i, c, j, c), `[n, m]`: the kernel of two examples summed over logits. */
export const sumOverLogits = ({ data, shape }: NDArray<'float64'>): NDArray<'float64'> => {
  const [n = 0, c = 0, m = 0] = shape;
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < c; a++) {
      for (let j = 0; j < m; j++) out[i * m + j]! += data[((i * c + a) * m + j) * c + a]!;
    }
  }
  return ndarray<'float64'>(out, [n, m]);
};

/** The train × test kernel as a heat map. */
export const kernelFigure = (splits: KernelSplits, cell: CellResult, labels: readonly string[]): string =>
  heatMap({
    title: `${kernelName(cell.formula)}, train × test, ${cell.shots}-shot, seed ${cell.seed}`,
    values: sumOverLogits(splits.test.kernel),
    value: (splits.train.kernel.shape[1] ?? 1) > 1 ? 'Σ over logits' : 'kernel',
    rows: { label: 'train', groups: splits.train.labels.data, names: labels },
    columns: { label: 'test', groups: splits.test.labels.data, names: labels },
  });

/** Test results of all methods as bars; undefined when nothing was solved. */
export const accuracyFigure = ({ task, config, cells, model }: Experiment): string | undefined => {
  const metric = task.metrics[0];
  const bars: Bar[] = [];
  const add = (label: string, scores: readonly (MethodScores | undefined)[]): void => {
    const known = scores.flatMap((each) => each?.test[metric] ?? []);
    if (known.length === 0) return;
    const value = known.length > 1 ? meanAndSd(known) : known[0]!;
    bars.push({ label, value });
  };
  for (const shots of new Set(cells.map((cell) => cell.shots))) {
    const group = cells.filter((cell) => cell.shots === shots);
    const suffix = config.shots.length > 1 ? `, ${shots}-shot` : '';
    if (bars.length === 0) {
      const samples = group.filter((cell) => cell.formula === group[0]?.formula);
      add(
        'zero-shot',
        samples.map((cell) => cell.scores?.zeroShot),
      );
    }
    for (const formula of new Set(group.map((cell) => cell.formula))) {
      const own = group.filter((cell) => cell.formula === formula);
      add(
        `${kernelName(formula)}${suffix}`,
        own.map((cell) => cell.scores?.kernel),
      );
    }
  }
  if (bars.length === 0) return undefined;
  const majority = cells[0]?.scores?.majority.test[metric];
  return barChart({
    title: `${task.name}, ${config.shots.join(' and ')}-shot, ${model.name}`,
    axis: `test ${metric}`,
    percent: isPercent(metric),
    bars,
    references: majority === undefined ? [] : [{ label: 'majority', value: majority }],
  });
};
