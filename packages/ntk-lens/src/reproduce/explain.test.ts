import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as engine from '@ntk-lens/engine';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runCli } from '../testing/run-cli.js';
import type { ExplainedReproduction } from './explain.js';

const counted = vi.hoisted(() => ({ rates: 0, traces: [] as string[] }));

vi.mock('@ntk-lens/engine', async (importOriginal) => {
  const actual = await importOriginal<typeof engine>();
  const gemmRate: typeof engine.gemmRate = (...args) => {
    counted.rates++;
    return actual.gemmRate(...args);
  };
  const trace: typeof engine.trace = (program, ...rest) => {
    counted.traces.push(`${program.identity} ${JSON.stringify(program.inputs)}`);
    return actual.trace(program, ...rest);
  };
  return { ...actual, gemmRate, trace };
});

let root: string;
let model: string;
beforeAll(async () => {
  root = await temporaryDirectory();
  model = await tinyModel(join(root, 'tiny'));
  vi.stubEnv('XDG_CACHE_HOME', root);
});
beforeEach(() => {
  counted.rates = 0;
  counted.traces = [];
});

const explain = async (...argv: readonly string[]): Promise<ExplainedReproduction> => {
  const { code, stdout, stderr } = await runCli([
    ...['reproduce', '--model', model, '--shots', '2', '--limit-test', '4', '--threads', '1', '--quiet'],
    ...['--runtime', 'ort-cpu', '--out', join(root, 'out'), '--explain', '--json', ...argv],
  ]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};

it('measures once, and traces every program once, for all parts and seeds', async () => {
  const tasks = ['--tasks', 'topic', '--space', 'lora:r=1,lora:r=2,intrinsic:8'];
  const one = await explain(...tasks, '--seeds', '13');
  expect(counted.rates).toBe(1);
  expect(counted.traces.length).toBeGreaterThan(0);
  expect(new Set(counted.traces).size).toBe(counted.traces.length);
  const { length } = counted.traces;
  counted.traces = [];
  const three = await explain(...tasks, '--seeds', '13,21,42');
  expect(counted.traces).toHaveLength(length);
  expect(one.parts).toHaveLength(9);
  for (const [i, { toCompute }] of one.parts.entries())
    expect(three.parts[i]!.toCompute).toBeGreaterThanOrEqual(toCompute);
});

it('has the time of each part alone and of all, which share work', async () => {
  const few = ['--tasks', 'sentiment', '--seeds', '13,21', '--space', 'lora:r=2'];
  const { parts, cells, seconds } = await explain(...few);
  const times = parts.map((one) => one.seconds);
  expect(Math.max(...times)).toBeLessThanOrEqual(seconds * (1 + 1e-12));
  expect(times.reduce((sum, time) => sum + time, 0)).toBeGreaterThan(seconds);
  const kernel = cells.find(({ what }) => what === 'SGD kernel')!;
  expect(kernel).toMatchObject({ toCompute: 0, byCheck: 2, known: 0 });
  expect(kernel.parts).toEqual(['tables', 'prompts', 'subspaces', 'solvers']);
  const { stdout } = await runCli([
    ...['reproduce', '--model', model, '--explain', '--tasks', 'topic', '--shots', '1', '--seeds', '13'],
    ...['--parts', 'subspaces', '--space', 'intrinsic:8', '--quiet', '--threads', '1'],
  ]);
  for (const header of ['Parts of a reproduction', 'by a check', 'finished', 'without a forecast'])
    expect(stdout).toContain(header);
});

it('has the time of a regression', async () => {
  const data = join(root, 'data');
  const folder = join(data, 'STS-B', '2-13');
  await mkdir(folder, { recursive: true });
  const rows = ['cat', 'dog', 'sea'].map((word, i) => `a ${word}\tthe ${word}\t${0.4 + 1.9 * i}`);
  for (const split of ['train', 'dev', 'test'])
    await writeFile(join(folder, `${split}.tsv`), `sentence1\tsentence2\tscore\n${rows.join('\n')}\n`);
  const own = ['--tasks', 'STS-B', '--data', data, '--seeds', '13', '--parts', 'tables'];
  const { cells } = await explain(...own, '--formulas', 'sgd', '--optimizer', 'sgd');
  expect(cells.map(({ what }) => what)).toEqual(['SGD kernel', 'SGD fine-tuning']);
  for (const { seconds } of cells) expect(seconds).toBeGreaterThan(0);
});
