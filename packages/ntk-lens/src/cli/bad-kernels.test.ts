import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy, ndarray, type SplitName } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';

type Change = (kernel: Float64Array, split: SplitName) => void;
interface Kernels {
  readonly change?: Change;
  readonly labels?: (i: number) => number;
  readonly trainShape?: readonly number[];
  readonly flipped?: readonly SplitName[];
  /** Training examples of the dev kernel. */
  readonly devRows?: number;
  readonly train?: number;
}

/** Kernels of points on a line, 1 + x x', one output, labels by sign, with something wrong. */
const kernels = async ({
  change,
  labels = (i) => i % 2,
  trainShape,
  flipped = [],
  devRows,
  train = 6,
}: Kernels) => {
  const directory = await temporaryDirectory();
  const point = (i: number): number => (i % 2 ? 1 : -1) * (1 + i / 10);
  for (const [split, queries] of [
    ['train', train],
    ['dev', 4],
    ['test', 5],
  ] as const) {
    const rows = split === 'dev' ? (devRows ?? train) : train;
    const data = Float64Array.from(
      { length: rows * queries },
      (_, k) => 1 + point(Math.floor(k / queries)) * point(k % queries),
    );
    change?.(data, split);
    const shape = (split === 'train' && trainShape) || [rows, 1, queries, 1];
    const write = (name: string, bytes: Uint8Array) => writeFile(join(directory, name), bytes);
    await write(`${split}.npy`, encodeNpy(ndarray(data, shape)));
    if (flipped.includes(split)) await write(`${split}_flipped.npy`, encodeNpy(ndarray(data, shape)));
    const own = Int32Array.from({ length: queries }, (_, i) => labels(i));
    await write(`${split}_labels.npy`, encodeNpy(ndarray(own, [queries])));
  }
  return directory;
};
const solve = async (directory: string, ...argv: string[]) => {
  const { code, stdout, stderr } = await runCli(['solve', directory, '--quiet', '--json', ...argv]);
  return { code, stdout, stderr };
};
const refused = async (wrong: Kernels, ...argv: string[]): Promise<string> => {
  const directory = await kernels(wrong);
  const { code, stdout, stderr } = await solve(directory, ...argv);
  const error = JSON.parse(stderr);
  expect({ code, stdout, kind: error.kind }).toEqual({ code: 2, stdout: '', kind: 'input' });
  expect(await readdir(directory)).not.toContain('solve.json');
  return `${error.code}: ${error.message}`;
};

describe('kernels that cannot be solved are refused with exit code 2', () => {
  it('not finite: says where', async () => {
    const change: Change = (kernel, split) => {
      if (split === 'test') kernel[7] = Number.NaN;
    };
    expect(await refused({ change })).toMatch(/^NON_FINITE_KERNEL: .*NaN at index \[1, 0, 2, 0\]/);
  });
  it('labels that are no indices', async () => {
    const directory = await kernels({});
    const labels = ndarray<'float64'>(Float64Array.of(0, 1, 0.5, 1), [4]);
    await writeFile(join(directory, 'dev_labels.npy'), encodeNpy(labels));
    const { code, stderr } = await solve(directory);
    expect([code, JSON.parse(stderr).message]).toEqual([
      2,
      expect.stringMatching(/labels: found 0\.5, expected/),
    ]);
  });
  it('not square', async () => {
    expect(await refused({ trainShape: [4, 1, 9, 1] })).toMatch(/^KERNEL_SHAPE: .*\[4, 1, 9, 1\].*square/);
    expect(await refused({ trainShape: [36] })).toMatch(/^KERNEL_SHAPE/);
    expect(await refused({ trainShape: [6, 6] })).toMatch(/^KERNEL_SHAPE: .*no axes of logits/);
    expect(await refused({ trainShape: [6, 6, 1, 1] })).toMatch(
      /^KERNEL_SHAPE: .*numpy\.transpose\(kernel, \(0, 2, 1, 3\)\)/,
    );
  });
  it('not symmetric beyond rounding', async () => {
    const change: Change = (kernel, split) => {
      if (split === 'train') kernel[1]! += 0.01;
    };
    expect(await refused({ change })).toMatch(/^ASYMMETRIC_KERNEL: .*1\.000e-2 at flattened entry \(1, 0\)/);
  });
  it('indefinite beyond rounding: says the most negative eigenvalue, and is solved on request', async () => {
    const change: Change = (kernel, split) => {
      if (split === 'train') for (let i = 0; i < 6; i++) kernel[i * 7]! -= 2;
    };
    const message = await refused({ change });
    expect(message).toMatch(/^INDEFINITE_KERNEL: .*eigenvalue is -2\.0000e\+0 .*--allow-indefinite/);
    const { code, stdout } = await solve(await kernels({ change }), '--allow-indefinite');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0].request.allowIndefinite).toBe(true);
  });
  it('labels that do not fit, and one class only', async () => {
    expect(await refused({ labels: (i) => i })).toMatch(/^LABELS_DO_NOT_FIT: .*label 2 of example 2/);
    expect(await refused({ labels: () => 1 })).toMatch(/^ONE_CLASS: /);
  });
  it('A-SignGD without its flipped kernel', async () => {
    expect(await refused({ flipped: ['train'] })).toMatch(/^MISSING_FLIPPED_KERNEL: /);
    expect(await refused({}, '--solver', 'asym')).toMatch(/^MISSING_FLIPPED_KERNEL: /);
  });
  it('files of different runs mixed', async () => {
    expect(await refused({ devRows: 3 })).toMatch(
      /^MISMATCHED_SPLIT: .*\[3, 1, 4, 1\].*Files of different runs/,
    );
  });
  it('a solver that does not exist, and grids out of range', async () => {
    expect(await refused({}, '--solver', 'lstsq,magic')).toMatch(/--solver.*magic.*auto/);
    for (const argv of [
      ['--gamma', '0'],
      ['--kappa', '2'],
      ['--time', '0'],
      ['--loss', 'hinge'],
      ['--ridge', '-1'],
      ['--table', 'html'],
    ]) {
      const { code } = await runCli(['solve', 'nowhere', ...argv]);
      expect(code).toBe(2);
    }
  });
});

describe('kernels that can be solved after all', () => {
  it('with fewer examples than folds: fewer folds, and a warning', async () => {
    const { code, stdout } = await solve(await kernels({ train: 4 }), '--solver', 'logistic', '--ridge', '0');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0].scores.kernel.warnings.join()).toMatch(/folds/);
  });
  it('by several solvers: the best on dev, every candidate saved', async () => {
    const directory = await kernels({ flipped: ['train', 'dev', 'test'] });
    const argv = ['--solver', 'auto', '--gamma', '0.1,1', '--kappa', '0,0.5,1', '--ridge', '0.01'];
    const [solved] = JSON.parse((await solve(directory, ...argv)).stdout);
    const { search } = solved.scores.kernel;
    expect(search.map(({ solver }: { solver: string }) => solver)).toEqual([
      'lstsq',
      ...Array(6).fill('asym'),
    ]);
    expect(search.filter(({ chosen }: { chosen: boolean }) => chosen)).toHaveLength(1);
  });
  it('by gradient flow, stopped where dev says, and say how they are conditioned', async () => {
    const directory = await kernels({});
    const argv = ['--solver', 'gradient-flow', '--loss', 'squared,cross-entropy', '--time', '1,10,inf'];
    const { code, stdout } = await runCli(['solve', directory, '--quiet', ...argv]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/loss squared, time 1[, ]/);
    expect(stdout).toMatch(/6 rows, condition number .*, effective rank .*, largest stable learning rate /);
    const [solved] = JSON.parse((await solve(directory, ...argv)).stdout);
    expect(solved.request).toMatchObject({ losses: ['squared', 'cross-entropy'], times: [1, 10, null] });
    expect(solved.scores.kernel.search).toHaveLength(5);
  });
  it('as a table in every format', async () => {
    const directory = await kernels({});
    const table = async (format: string) =>
      (await runCli(['solve', directory, '--quiet', '--table', format])).stdout;
    expect(await table('md')).toMatch(/^\| :-/m);
    expect(await table('csv')).toMatch(/^kernels,majority test,/);
    expect(await table('latex')).toMatch(/\\toprule/);
    expect(await table('terminal')).toMatch(/│ kernels/);
  });
});
