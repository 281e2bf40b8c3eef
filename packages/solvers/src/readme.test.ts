import { readFileSync } from 'node:fs';
import * as core from '@ntk-lens/core';
import { expect, test } from 'vitest';
import * as solvers from './index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The examples as one function body: imports become parameters, types and comments go. */
const body = (code: string): string =>
  code
    .replace(/^import .*$/gm, '')
    .replace(/\/\/.*$/gm, '')
    .replaceAll("<'float64'>", '')
    .replaceAll("<'int32'>", '')
    .replaceAll(': number[]', '')
    .replace(': KernelSplit', '');

test('the examples in the README give what they say', async () => {
  const code = Array.from(readme.matchAll(/```ts\n([\s\S]*?)```/g), ([, block]) => block).join('\n');
  const scope: Readonly<Record<string, unknown>> = { ...core, ...solvers };
  const names = [...code.matchAll(/import \{([^}]*)\}/g)].flatMap(([, list]) =>
    list!.split(',').map((name) => name.trim()),
  );
  const values = names.filter((name) => !name.startsWith('type '));
  const run = new Function(
    ...values,
    `return (async () => {${body(code)}\nreturn { spec, rows, solver, mean, dev };})()`,
  ) as (...args: readonly unknown[]) => Promise<{
    spec: unknown;
    rows: readonly unknown[];
    solver: solvers.KernelSolver;
    mean: solvers.KernelSolver;
    dev: core.KernelSplit;
  }>;
  const { spec, rows, solver, mean, dev } = await run(...values.map((name) => scope[name]));
  expect(spec).toEqual({ solver: 'lstsq', ridge: 1, f0Scale: Number.POSITIVE_INFINITY });
  expect(rows).toHaveLength(25);
  expect(Array.from(solvers.predictedLabels(solver.predict(dev)).data)).toEqual([0, 1]);
  expect(solver.diagnostics?.conditionNumber).toBeCloseTo(3, 12);
  expect(Array.from(mean.predict(dev).data)).toEqual([1, -1, -1, 1]);
});

test('the table of solvers in the README has a row for each, with what it says of itself', () => {
  for (const { name, title, purpose, options } of solvers.solvers) {
    const cells = Object.keys(options).map((option) => `\`${option}\``);
    const row = [`\`${name}\``, title, purpose, cells.join(', ')].join(' | ');
    expect(readme.replaceAll(/ +\|/g, ' |')).toContain(`| ${row} |`);
  }
});
