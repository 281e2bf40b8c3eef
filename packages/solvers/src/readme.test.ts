import { readFileSync } from 'node:fs';
import * as core from '@ntk-lens/core';
import { expect, test } from 'vitest';
import * as solvers from './index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The first example as a function body: imports become parameters, types and comments go. */
const body = (code: string): string =>
  code
    .replace(/^import .*$/gm, '')
    .replace(/\/\/.*$/gm, '')
    .replaceAll("<'float64'>", '')
    .replaceAll("<'int32'>", '')
    .replaceAll(': number[]', '')
    .replace(': KernelSplit', '');

test('the example in the README gives what it says', async () => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const names = ['ndarray', 'f0ScaleGrid', 'predictedLabels', 'ridgeGrid', 'selectOnDev', 'solverGrid'];
  const values: readonly unknown[] = names.map((name) => ({ ...core, ...solvers })[name as 'ndarray']);
  const run = new Function(
    ...names,
    `return (async () => {${body(code)}\nreturn { spec, rows, solver, labels: predictedLabels(solver.predict(dev)).data };})()`,
  ) as (...args: readonly unknown[]) => Promise<{
    spec: unknown;
    rows: readonly unknown[];
    solver: solvers.KernelSolver;
    labels: Int32Array;
  }>;
  const { spec, rows, solver, labels } = await run(...values);
  expect(spec).toEqual({ solver: 'lstsq', ridge: 1, f0Scale: Number.POSITIVE_INFINITY });
  expect(rows).toHaveLength(25);
  expect(Array.from(labels)).toEqual([0, 1]);
  expect(solver.diagnostics?.conditionNumber).toBeCloseTo(3, 12);
});
