import { type NDArray, ndarray } from '@ntk-lens/core';
import type { KernelSplits, MethodScores } from '@ntk-lens/lens/stored';
import { type Bar, barChart, heatMap } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { CellResult, Experiment } from '../run/experiment.js';
import { cellKernelName } from '../run/method-name.js';
import { isPercent } from './metric-format.js';

/**
 * One number per pair of examples, `[n, m]`: Σ_c K(c, c) − (1/C) Σ_cc' K(c, c'), the kernel of the logits with
 * their mean removed, which is all that a softmax sees. With one output the kernel itself.
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

/** Row and column means removed: what is left tells examples apart, not how large their gradients are. */
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

/** The train × test kernel, centred, as a heat map. */
export const kernelFigure = (splits: KernelSplits, cell: CellResult, labels: readonly string[]): string => {
  const outputs = splits.train.kernel.shape[1] ?? 1;
  return heatMap({
    title: `${cellKernelName(cell)}${outputs > 1 ? ' of logit differences' : ''}, centred, ${cell.shots}-shot, seed ${cell.seed}${cell.withoutPrompt ? ', no prompt' : ''}`,
    values: centred(pairKernel(splits.test.kernel)),
    value: 'centred',
    rows: { label: 'train', groups: splits.train.labels.data, names: labels },
    columns: { label: 'test', groups: splits.test.labels.data, names: labels },
  });
};

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
    const group = cells.filter((cell) => cell.shots === shots && !cell.withoutPrompt);
    const others = cells.filter((cell) => cell.shots === shots && cell.withoutPrompt);
    const suffix = config.shots.length > 1 ? `, ${shots}-shot` : '';
    if (bars.length === 0) {
      const samples = group.filter((cell) => cellKernelName(cell) === cellKernelName(group[0]!));
      add(
        'zero-shot',
        samples.map((cell) => cell.scores?.zeroShot),
      );
    }
    for (const name of new Set(group.map(cellKernelName))) {
      const own = group.filter((cell) => cellKernelName(cell) === name);
      add(
        `${name}${suffix}`,
        own.map((cell) => cell.scores?.kernel),
      );
    }
    for (const name of new Set(others.map(cellKernelName))) {
      const own = others.filter((cell) => cellKernelName(cell) === name);
      add(
        `${name}, no prompt${suffix}`,
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
