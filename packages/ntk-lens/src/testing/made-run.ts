import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ndarray, type PerSplit, perSplit, writeJson } from '@ntk-lens/core';
import { kernelFiles, RunDirectory } from '@ntk-lens/lens/stored';
import { renderCsv } from '@ntk-lens/report';
import { defaultRunConfig } from '../options/run-config.js';
import { examplesName, type StoredExample } from '../run/examples-file.js';
import type { CellResult, Experiment } from '../run/experiment.js';
import { predictionsName } from '../run/write-predictions.js';
import { version } from '../version.js';

/** The content of a made run. */
export interface MadeRun {
  readonly train: number;
  readonly test: number;
  readonly labels: readonly [string, string];
  readonly textOf: (split: string, index: number) => string;
  readonly task?: string;
  readonly seeds?: readonly number[];
  /** False for what `kernel` leaves. */
  readonly solved?: boolean;
}

/** Features whose first direction is the label: entry k of example i of a split. */
const feature = (split: string, i: number, k: number): number =>
  (k === 0 ? (i % 2 === 0 ? 1 : -1) : 0) + Math.sin((i + 1) * (k + 2) * (split === 'train' ? 1.7 : 2.3));

const FEATURES = 6;

/** K = ΦΦᵀ with one output, `[n, 1, m, 1]`. */
const kernelOf = (n: number, split: string, m: number) => {
  const rows = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: FEATURES }, (_, k) => feature('train', i, k)),
  );
  const columns = Array.from({ length: m }, (_, j) =>
    Float64Array.from({ length: FEATURES }, (_, k) => feature(split, j, k)),
  );
  const values = new Float64Array(n * m);
  for (const [i, row] of rows.entries())
    for (const [j, column] of columns.entries())
      values[i * m + j] = row.reduce((sum, x, k) => sum + x * column[k]!, 0);
  return ndarray<'float64'>(values, [n, 1, m, 1]);
};

/** Writes the directory of a run of kernels that no model computed, and its `metrics.json`. */
export const madeRun = async (
  directory: string,
  { train, test, labels, textOf, task = 'made', seeds = [42], solved = true }: MadeRun,
): Promise<void> => {
  const sizes: PerSplit<number> = { train, dev: 4, test };
  const cells: CellResult[] = [];
  for (const seed of seeds) {
    const path = seeds.length === 1 ? directory : join(directory, `${train / 2}-${seed}-sgd`);
    await mkdir(path, { recursive: true });
    const run = await RunDirectory.open(
      path,
      { kernel: { kind: 'kernel', task, shots: train / 2, seed, labels, formula: 'sgd', binary: true } },
      true,
    );
    const examples = perSplit((split) =>
      Array.from(
        { length: sizes[split] },
        (_, i): StoredExample => ({ texts: [textOf(split, i)], label: labels[i % 2]! }),
      ),
    );
    const csv = renderCsv({
      columns: ['example', 'text', 'label', 'method', 'prediction', 'margin'].map((header) => ({ header })),
      rows: examples.test.map(({ texts, label }, i) => ({
        cells: [
          i,
          texts[0]!,
          label,
          'SGD kernel (lstsq)',
          i % 5 === 3 ? labels[(i + 1) % 2]! : label,
          i % 5 === 3 ? -1 : 0.1 + i,
        ],
      })),
    });
    const bytes = (text: string) => new TextEncoder().encode(text);
    await run.finish(
      {
        ...kernelFiles({
          splits: perSplit((split) => ({
            kernel: kernelOf(train, split, sizes[split]),
            logits: ndarray<'float64'>(new Float64Array(sizes[split]), [sizes[split], 1]),
            labels: ndarray<'int32'>(
              Int32Array.from({ length: sizes[split] }, (_, i) => i % 2),
              [sizes[split]],
            ),
          })),
        }),
        [examplesName]: bytes(JSON.stringify({ format: 'ntk-lens-examples', version: 1, ...examples })),
        ...(solved && { [predictionsName]: bytes(csv) }),
      },
      {
        runtime: 'none',
        version: '1',
        dtype: 'float32',
        threads: 1,
        reason: 'made',
        model: 'made',
        versions: {},
      },
    );
    const score = (accuracy: number) => ({ dev: { accuracy }, test: { accuracy } });
    const kernel = { solver: 'lstsq', chosen: { ridge: 0 }, search: [], warnings: [], ...score(0.8) };
    cells.push({
      ...{ shots: train / 2, seed, formula: 'sgd', directory: path, examples: sizes },
      shapes: perSplit((split) => [train, 1, sizes[split], 1]),
      scores: solved ? { majority: score(0.5), kernel } : undefined,
      runtime: { runtime: 'none', version: '1', dtype: 'float32', threads: 1, reason: 'made' },
      ...{ reused: false, seconds: { kernels: 1, solve: 1 } },
    } as unknown as CellResult);
  }
  const experiment: Experiment = {
    ...{ format: 'ntk-lens-metrics', version: 1, directory, cells, seconds: 2 },
    config: { ...defaultRunConfig, task, shots: [train / 2], seeds: [...seeds], binary: true },
    task: {
      name: task,
      template: '*cls**sent_0**mask*',
      labels,
      labelWords: [...labels],
      metrics: ['accuracy'],
    },
    model: { name: 'made', hash: '0'.repeat(64), parameters: 1e6 },
    environment: { 'ntk-lens': version, node: process.version, platform: 'none' },
  };
  await writeJson(join(directory, 'metrics.json'), experiment);
};
