import { readFileSync } from 'node:fs';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { describe, expect, it } from 'vitest';
import { TaskDefinitionError, UnknownTaskError } from '../errors.js';
import { defineTask } from './define-task.js';
import { findTask } from './find-task.js';
import { tasks } from './tasks.js';

describe.each(tasks)('$name', (task) => {
  it('has one label word for each label and a template with one mask and all its texts', () => {
    expect(Object.keys(task.labelWords).sort()).toEqual([...task.labels].sort());
    expect(new Set(task.labels).size).toBe(task.labels.length);
    expect(task.template.split('*mask*')).toHaveLength(2);
    for (let i = 0; i < task.textsPerExample; i++)
      expect(task.template).toMatch(new RegExp(`sent[a-z]?-?_${i}\\*`));
    expect(task.template).not.toMatch(new RegExp(`sent[a-z]?-?_${task.textsPerExample}\\*`));
    expect(task.embedded).toBe(task.files === undefined);
    for (const { format } of task.files?.formats ?? []) {
      expect([1, task.textsPerExample]).toContain(format.textColumns.length);
    }
  });
  it('is found under its names, whatever their case', () => {
    for (const name of [task.name, task.displayName, ...task.aliases]) {
      const found = findTask(name);
      expect([found, findTask(name.toUpperCase()), findTask(name.toLowerCase())]).toEqual([
        found,
        found,
        found,
      ]);
    }
    expect(findTask(task.name)).toBe(task);
  });
});

it('names and aliases do not clash', () => {
  const names = tasks.flatMap((task) => [
    ...new Set(
      [task.name, task.displayName, ...task.aliases].map((name) =>
        name.toLowerCase().replace(/[^a-z0-9]/g, ''),
      ),
    ),
  ]);
  expect(new Set(names).size).toBe(names.length);
});

it("LM-BFF's spellings find their tasks", () => {
  const spellings = {
    sst5: 'sst-5',
    'sst-2': 'SST-2',
    agnews: 'ag_news',
    'AG News': 'ag_news',
    stsb: 'STS-B',
    mnli: 'MNLI',
  };
  for (const [spelling, name] of Object.entries(spellings)) expect(findTask(spelling).name).toBe(name);
});

it('an unknown name is answered with what exists and the nearest name', () => {
  expect(() => findTask('MLNI')).toThrow(UnknownTaskError);
  expect(() => findTask('MLNI')).toThrow(/Did you mean "MNLI"\? Known tasks: SST-2, .*entailment/);
  expect(() => findTask('sentimnet')).toThrow(/Did you mean "sentiment"/);
  expect(() => findTask('quantum chromodynamics')).not.toThrow(/Did you mean/);
  expect(() => findTask('')).toThrow(UnknownTaskError);
});

describe('a definition that contradicts itself is refused', () => {
  const good = {
    name: 'mine',
    labels: ['a', 'b'],
    labelWords: { a: 'no', b: 'yes' },
    template: '*cls**sent_0**mask**sep+*',
  };
  it('a good one gets the usual defaults', () => {
    expect(defineTask(good)).toMatchObject({ kind: 'classification', metrics: ['accuracy'], maxLength: 128 });
    expect(defineTask({ ...good, kind: 'regression' }).metrics).toEqual(['pearson', 'spearman']);
  });
  it.each([
    ['one label', { labels: ['a'] }],
    ['a label twice', { labels: ['a', 'a'] }],
    ['a label without a word', { labels: ['a', 'c'] }],
    ['a label named like a method', { labels: ['a', 'constructor'] }],
  ])('%s', (_, change) => {
    expect(() => defineTask({ ...good, ...change })).toThrow(TaskDefinitionError);
  });
});

it('every label word of the embedded tasks is one token of the embedded model', () => {
  const vocabulary = new Set(
    readFileSync(new URL('../../../minilm-mlm/model/vocab.txt', import.meta.url), 'utf8').split('\n'),
  );
  const words = tasks.filter((task) => task.embedded).flatMap((task) => Object.values(task.labelWords));
  expect(words).toHaveLength(9);
  for (const word of words) expect([word, vocabulary.has(word)]).toEqual([word, true]);
});

describe.skipIf(!hasShared('golden/prompts/roberta.jsonl'))("the authors' settings", () => {
  interface Line {
    task: string;
    template: string;
    max_length: number;
    first_sent_limit: number | null;
    other_sent_limit: number | null;
    label_words: string[];
  }
  // The file lists the words of these two in the order No, Yes; LM-Kernel-FT itself has entailment first.
  const otherOrder = ['QNLI', 'RTE'];
  const inOrder = (task: string, words: readonly string[]): readonly string[] =>
    otherOrder.includes(task) ? [...words].sort() : words;
  it('equal the registry: template, label words in order, limits', () => {
    const lines = readFileSync(sharedPath('golden/prompts/roberta.jsonl'), 'utf8').trim().split('\n');
    const seen = new Map<string, Line>();
    for (const line of lines.map((text) => JSON.parse(text) as Line)) {
      if (tasks.some(({ name }) => name === line.task) && !seen.has(line.task)) seen.set(line.task, line);
    }
    expect(seen.size).toBeGreaterThanOrEqual(15);
    for (const line of seen.values()) {
      const task = findTask(line.task);
      const words = task.labels.map((label) => task.labelWords[label]!);
      expect([task.name, task.template, inOrder(task.name, words)]).toEqual([
        line.task,
        line.template,
        inOrder(line.task, line.label_words),
      ]);
      expect([task.maxLength, task.firstSentenceLimit ?? null, task.otherSentenceLimit ?? null]).toEqual([
        line.max_length,
        line.first_sent_limit,
        line.other_sent_limit,
      ]);
    }
  });
});
