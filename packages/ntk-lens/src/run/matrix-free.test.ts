import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError, decodeNpy } from '@ntk-lens/core';
import { OtherRunError, openLens } from '@ntk-lens/lens';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { runCli } from '../testing/run-cli.js';
import { type ExperimentOptions, runExperiment } from './run-experiment.js';

const lens = tinyLens(openLens);
const grid: RunConfig = {
  ...{ ...defaultRunConfig, shots: [4], limitTest: 12 },
  ...{ solver: 'lstsq,gradient-flow', ridge: [0.01, 0.3], f0Scales: [10, null], times: [2, 20] },
};

const run = async (changed: Partial<RunConfig>, options: ExperimentOptions = {}) =>
  runExperiment({ ...grid, ...changed }, { out: await temporaryDirectory(), lens: lens(), ...options });

const choices: readonly Partial<RunConfig>[] = [
  {},
  { binary: true },
  { spaces: ['lora:r=2'], formulas: ['adam'] },
  { noPrompt: true, solver: 'lstsq' },
];

describe('a matrix-free run', () => {
  it.each(sampled(choices, 1))(
    'with %j has the scores, the choice and the predictions of a kernel in memory',
    async (options) => {
      const [free, dense] = [
        await run({ ...options, matrixFree: true }),
        await run({ ...options, method: 'cg' }),
      ];
      for (const [i, cell] of free.cells.entries()) {
        const expected = dense.cells[i]!;
        const { kernel, majority, zeroShot } = cell.scores!;
        expect([majority, zeroShot]).toEqual([expected.scores!.majority, expected.scores!.zeroShot]);
        expect([kernel.solver, kernel.chosen, kernel.dev, kernel.test]).toEqual([
          ...[expected.scores!.kernel.solver, expected.scores!.kernel.chosen],
          ...[expected.scores!.kernel.dev, expected.scores!.kernel.test],
        ]);
        expect(kernel.search.map(({ dev }) => dev)).toEqual(
          expected.scores!.kernel.search.map(({ dev }) => dev),
        );
        expect([cell.shapes, cell.space]).toEqual([expected.shapes, expected.space]);
        expect(cell.matrixFree!.iterations).toBeGreaterThan(0);
        const { top, trace, effectiveRank } = cell.matrixFree!.spectrum!;
        const { diagnostics } = expected.scores!.kernel;
        const { largestEigenvalue, effectiveRank: rank } = diagnostics!;
        expect(Math.abs(top[0]! - largestEigenvalue)).toBeLessThan(1e-3 * largestEigenvalue);
        // The sketch spans the few rows, so that nothing is estimated.
        expect(Math.abs(effectiveRank.value - rank)).toBeLessThan(1e-2 * rank);
        expect(trace.value).toBeGreaterThanOrEqual(top.reduce((sum, x) => sum + x, 0) * (1 - 1e-3));
        const [rows, others] = await Promise.all(
          [cell, expected].map(async ({ directory }) =>
            (await readFile(join(directory, 'predictions.csv'), 'utf8'))
              .split('\n')
              .map((row) => row.split(',')),
          ),
        );
        // All but margins, which differ by the residual of the iterations.
        expect(rows!.map((row) => row.slice(0, -1))).toEqual(others!.map((row) => row.slice(0, -1)));
        for (const [r, row] of rows!.entries())
          if (r > 0 && row.length > 1)
            expect(Math.abs(Number(row.at(-1)) - Number(others![r]!.at(-1)))).toBeLessThan(1e-4);
      }
    },
  );

  it('leaves its solution and no kernel, and a finished one is told again', async () => {
    const out = await temporaryDirectory();
    const first = await run({ matrixFree: true }, { out });
    expect((await readdir(out)).filter((name) => name.endsWith('.npy')).sort()).toEqual([
      ...['coefficients.npy', 'dev_logits.npy', 'test_logits.npy', 'train_logits.npy'],
    ]);
    expect(decodeNpy(await readFile(join(out, 'coefficients.npy'))).shape).toEqual([8, 2]);
    const second = await run({ matrixFree: true }, { out });
    expect(second.cells[0]).toEqual({ ...first.cells[0], reused: true, seconds: { kernels: 0, solve: 0 } });
    await expect(run({}, { out })).rejects.toThrow(OtherRunError);
    await expect(run({ matrixFree: true, ridge: [0.5] }, { out })).rejects.toThrow(OtherRunError);
  });

  const interrupted: readonly [phase: string, kept: string, grid: Partial<RunConfig>][] = [
    ['conjugate gradients', 'iterations-1.json', { solver: 'lstsq', ridge: [0.001] }],
    ['gradient flow', 'flow-1.json', { solver: 'gradient-flow', times: [20] }],
    ['trace of the kernel', 'rank-1.json', { solver: 'lstsq', ridge: [0.1] }],
  ];

  it.each(interrupted)('goes on where its %s were interrupted, to the same bytes', async (at, file, own) => {
    const [out, whole] = [await temporaryDirectory(), await temporaryDirectory()];
    const options = { matrixFree: true, ...own };
    const expected = await run(options, { out: whole });
    const stop = new AbortController();
    const onProgress = ({ phase, done }: { phase: string; done: number }) =>
      phase === at && done === 2 && stop.abort();
    await expect(run(options, { out, signal: stop.signal, onProgress })).rejects.toThrow(CancelledError);
    expect(await readdir(join(out, 'tiles'))).toContain(file);
    const steps: number[] = [];
    const watch = ({ phase, done }: { phase: string; done: number }) => phase === at && steps.push(done);
    const found = await run(options, { out, onProgress: watch });
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(found.cells[0]!.matrixFree).toEqual(expected.cells[0]!.matrixFree);
    const files = ['coefficients.npy', 'predictions.csv'];
    for (const file of files)
      expect(await readFile(join(out, file))).toEqual(await readFile(join(whole, file)));
    expect(await readdir(out)).not.toContain('tiles');
  });
});

describe('ntk-lens run --matrix-free', () => {
  let model: string;
  beforeAll(async () => {
    model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  });
  const cli = async (...argv: string[]) => {
    const common = ['--model', model, '--runtime', 'ort-cpu', '--threads', '1', '--shots', '3', '--quiet'];
    return runCli([...argv, ...common, '--limit-test', '6']);
  };

  it('prints its table, leaves a report, and explains its cost', async () => {
    const out = join(await temporaryDirectory(), 'out');
    const done = await cli('run', '--matrix-free', '--out', out);
    expect([done.code, done.stderr]).toEqual([0, expect.any(String)]);
    expect(done.stdout).toContain('solved by products with the kernel, which was never written out');
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('never written out');
    const plan = await cli('run', '--matrix-free', '--explain');
    expect([plan.code, plan.stderr]).toEqual([0, '']);
    expect(plan.stdout).toContain('a product with one vector');
    const dense = await cli('run', '--explain');
    expect(dense.stdout).toContain('contracted by');
  });

  it.each([
    [['run', '--matrix-free', '--formula', 'signgd'], /sign ∇f/],
    [['run', '--matrix-free', '--formula', 'cosine'], /cosine/],
    [['run', '--matrix-free', '--solver', 'svc'], /--solver.*svc/],
    [['run', '--matrix-free', '--ridge', '0'], /--ridge/],
    [['run', '--matrix-free', '--blocks', 'layer'], /--blocks layer.*--matrix-free/],
    [['run', '--matrix-free', '--space', 'intrinsic:10'], /random subspace/],
    [['run', '--matrix-free', '--workers', '2'], /--workers.*--matrix-free/],
    [['run', '--solver-method', 'gc'], /direct, cg/],
  ])('%j is refused before any work', async (argv, message) => {
    const out = join(await temporaryDirectory(), 'out');
    const { code, stderr } = await cli(...argv, '--out', out);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    await expect(readdir(out)).rejects.toThrow();
  });

  it('is nothing that kernels can be computed with', async () => {
    const attempt = run({ matrixFree: true }, { solve: false });
    await expect(attempt).rejects.toThrow(/never writes a kernel out/);
  });
});
