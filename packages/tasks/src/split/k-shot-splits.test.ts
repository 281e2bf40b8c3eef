import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { TaskDefinitionError } from '../errors.js';
import { findTask } from '../registry/find-task.js';
import { kShotSplits, type SplitMode, standardSeeds } from './k-shot-splits.js';

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/k-shot-md5.json', import.meta.url), 'utf8'),
) as Record<'k-shot' | 'k-shot-1k-test', Record<string, string>>;

// The same data as tooling/reference/k_shot_splits.py makes.
const sentence = (i: number): string => {
  let text = `sentence ${i} of the generated file`;
  if (i % 5 === 0) text += ', with a comma';
  if (i % 7 === 0) text = `"${text}" quoted`;
  if (i % 11 === 0) text += ' naïve — ünïcode';
  return i === 77 ? 'NA' : text;
};
const rows = (n: number, row: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => row(i)).join('');
const csv = (n: number): string => rows(n, (i) => `${i % 3},"${sentence(i).replaceAll('"', '""')}"\n`);
const sst2 = (n: number): string => `sentence\tlabel\n${rows(n, (i) => `${sentence(i)}\t${i % 2}\n`)}`;
const cola = (n: number): string => rows(n, (i) => `src\t${i % 3 ? 1 : 0}\t*\t${sentence(i)}\n`).slice(0, -1);
const stsHeader = 'index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n';
const sts = (n: number): string =>
  stsHeader +
  rows(n, (i) => `${i}\tg\tf\ty\to\ts\ts\t${sentence(i)}\tother ${i}\t${((i % 51) / 10).toFixed(1)}\n`);
const data: Record<string, ReadonlyMap<string, string>> = {
  mr: new Map([
    ['train.csv', csv(300)],
    ['test.csv', csv(1100)],
  ]),
  'SST-2': new Map([
    ['train.tsv', sst2(300)],
    ['dev.tsv', sst2(1100)],
  ]),
  CoLA: new Map([
    ['train.tsv', cola(300)],
    ['dev.tsv', cola(1100)],
  ]),
  'STS-B': new Map([
    ['train.tsv', sts(300)],
    ['dev.tsv', sts(50)],
  ]),
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const sumsOf = (name: string, mode: SplitMode, seeds?: number[]): Record<string, string> =>
  Object.fromEntries(
    [...kShotSplits(findTask(name), data[name]!, { shots: 16, mode, seeds })].flatMap((split) =>
      [...split.files].map(([file, text]) => [`${name}/${split.directory}/${file}`, md5(text)]),
    ),
  );

describe.each(['k-shot', 'k-shot-1k-test'] as const)('%s splits equal those of NumPy and pandas', (mode) => {
  it.each(Object.keys(data))('%s', (name) => {
    const wanted = Object.fromEntries(
      Object.entries(golden[mode]).filter(([file]) => file.startsWith(`${name}/`)),
    );
    expect(Object.keys(wanted)).toHaveLength(15);
    expect(sumsOf(name, mode)).toEqual(wanted);
  });
});

it('a seed alone gives the split it has among the standard seeds, in-place shuffles included', () => {
  for (const name of ['CoLA', 'mr']) {
    expect(sumsOf(name, 'k-shot', [42])).toEqual(
      Object.fromEntries(
        Object.entries(golden['k-shot']).filter(([file]) => file.startsWith(`${name}/16-42/`)),
      ),
    );
  }
});

it('other seeds do not depend on the seeds beside them', () => {
  expect(sumsOf('CoLA', 'k-shot', [7])).toEqual(
    Object.fromEntries(
      Object.entries(sumsOf('CoLA', 'k-shot', [42, 7])).filter(([file]) => file.includes('/16-7/')),
    ),
  );
});

it('train and dev are disjoint and balanced; 10x takes ten times as many for dev', () => {
  const [split] = kShotSplits(findTask('mr'), data['mr']!, {
    shots: 8,
    mode: 'k-shot-10x',
    seeds: [standardSeeds[0]!],
  });
  const lines = (file: string): string[] => split!.files.get(file)!.trimEnd().split('\n');
  expect(lines('train.csv')).toHaveLength(24);
  expect(lines('dev.csv')).toHaveLength(240);
  expect(lines('dev.csv').filter((line) => lines('train.csv').includes(line))).toEqual([]);
});

it('fewer test examples are the first of the 1,000 that are drawn, and have all labels of a sorted file', () => {
  for (const [name, file] of [
    ['mr', 'test.csv'],
    ['SST-2', 'test.tsv'],
  ] as const) {
    const options = { shots: 16, seeds: [13], mode: 'k-shot-1k-test' } as const;
    const testOf = (limitTest?: number): string[] => {
      const [split] = kShotSplits(findTask(name), data[name]!, { ...options, limitTest });
      return split!.files.get(file)!.trimEnd().split('\n');
    };
    const header = name === 'mr' ? 0 : 1;
    expect(testOf(20)).toEqual(testOf().slice(0, 20 + header));
    expect(testOf(2000)).toHaveLength(1100 + header);
  }
  const sorted = csv(90).trimEnd().split('\n').sort().join('\n');
  const originals = new Map([
    ['train.csv', csv(300)],
    ['test.csv', `${sorted}\n`],
  ]);
  const [split] = kShotSplits(findTask('mr'), originals, { shots: 16, seeds: [13], limitTest: 30 });
  const labels = split!.files
    .get('test.csv')!
    .trimEnd()
    .split('\n')
    .map((line) => line[0]!);
  expect(new Set(labels).size).toBe(3);
});

it('says which labels had too few examples', () => {
  const [split] = kShotSplits(findTask('mr'), data['mr']!, { shots: 64, seeds: [13] });
  expect(split!.short).toHaveLength(3);
  expect(split!.short).toContainEqual({ label: '0', train: 64, dev: 36 });
});

it('refuses impossible options', () => {
  const split = (name: string, shots: number, files = data[name] ?? new Map<string, string>()) => [
    ...kShotSplits(findTask(name), files, { shots }),
  ];
  expect(() => split('mr', 0)).toThrow(BadArgumentError);
  expect(() => [...kShotSplits(findTask('mr'), data['mr']!, { shots: 16, limitTest: 0 })]).toThrow(
    /limitTest/,
  );
  expect(() => split('mr', 16, new Map())).toThrow(BadArgumentError);
  expect(() => split('sentiment', 16)).toThrow(TaskDefinitionError);
});
