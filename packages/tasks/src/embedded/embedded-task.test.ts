import { readFileSync } from 'node:fs';
import type { Example } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { TaskDefinitionError, TooFewExamplesError, UnknownTaskError } from '../errors.js';
import { goldOf } from '../metrics/evaluate.js';
import { embeddedKShot, embeddedTask } from './embedded-task.js';

const words = (example: Example): string[] =>
  example.texts
    .join(' ')
    .toLowerCase()
    .match(/[\p{L}\p{N}']+/gu) ?? [];
/** 5-grams within one text: a pair's premise and hypothesis do not run into each other. */
const fiveGrams = (example: Example): string[] =>
  example.texts.flatMap((text) => {
    const own = words({ texts: [text], label: '' });
    return own.slice(4).map((_, i) => own.slice(i, i + 5).join(' '));
  });

/** Test examples that share a 5-gram with the pool, or half of all words with one of its examples. */
const nearDuplicates = (pool: readonly Example[], test: readonly Example[]): string[] => {
  const grams = new Map(
    pool.flatMap((example) => fiveGrams(example).map((gram) => [gram, example] as const)),
  );
  const bags = pool.map((example) => ({ example, bag: new Set(words(example)) }));
  const found: string[] = [];
  for (const example of test) {
    const shared = fiveGrams(example).find((gram) => grams.has(gram));
    if (shared !== undefined) found.push(`"${shared}": ${example.texts.join(' / ')}`);
    const bag = new Set(words(example));
    for (const other of bags) {
      const both = [...bag].filter((word) => other.bag.has(word)).length;
      if (both / (bag.size + other.bag.size - both) >= 0.5) {
        found.push(`${example.texts.join(' / ')} ~ ${other.example.texts.join(' / ')}`);
      }
    }
  }
  return found;
};

describe.each([
  ['sentiment', 400, 1],
  ['topic', 400, 1],
  ['entailment', 300, 2],
] as const)('embedded task %s', (name, atLeast, textsPerExample) => {
  it(`has at least ${atLeast} examples, enough for 16 shots, all well formed`, async () => {
    const { task, pool, test } = await embeddedTask(name);
    const all = [...pool, ...test];
    expect(all.length).toBeGreaterThanOrEqual(atLeast);
    expect(pool.length).toBeGreaterThanOrEqual(2 * 16 * task.labels.length);
    for (const { texts, label } of all) {
      expect(texts).toHaveLength(textsPerExample);
      expect(task.labels).toContain(label);
      for (const text of texts) {
        expect(text).toBe(text.trim());
        expect(text).toMatch(/^[\p{L}\p{N}'"“‘£$€(]/u);
        expect(text).toMatch(/[.!?…"'”)]$/);
        expect(text).not.toMatch(/ {2}|\n|\t|_|\*/);
        expect(text.split(' ').length).toBeGreaterThanOrEqual(3);
        expect(text.split(' ').length).toBeLessThanOrEqual(60);
      }
    }
  });
  it('is balanced in pool and in test', async () => {
    const { task, pool, test } = await embeddedTask(name);
    for (const set of [pool, test]) {
      const counts = task.labels.map((label) => set.filter((example) => example.label === label).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBe(0);
    }
  });
  it('has no exact duplicates, and no test example that is nearly one of the pool', async () => {
    const { pool, test } = await embeddedTask(name);
    const keys = [...pool, ...test].map((example) => words(example).join(' '));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
    expect(nearDuplicates(pool, test)).toEqual([]);
  });
  it('the label cannot be inferred from the order of the examples', async () => {
    const { task, pool, test } = await embeddedTask(name);
    for (const set of [pool, test]) {
      const gold = goldOf(task, set);
      const same = gold.slice(1).filter((label, i) => label === gold[i]).length / (gold.length - 1);
      expect(same).toBeLessThan(2 / task.labels.length);
    }
  });
});

it('the near-duplicate check finds planted near-duplicates', () => {
  const example = (...texts: string[]): Example => ({ texts, label: 'x' });
  const pool = [example('The soup was cold and the waiter never came back to us.')];
  expect(
    nearDuplicates(pool, [
      example('He said the soup was cold and nothing else happened that evening at all.'),
    ]),
  ).toHaveLength(1);
  expect(
    nearDuplicates(pool, [example('Cold was the soup; back never came the waiter to us.')]),
  ).toHaveLength(1);
  expect(nearDuplicates(pool, [example('A sparrow sat on the fence.')])).toEqual([]);
});

it('k-shot samples come from the pool; the test set is fixed', async () => {
  const { pool, test } = await embeddedTask('sentiment');
  const a = await embeddedKShot({ name: 'Sentiment', shots: 16, seed: 42 });
  const b = await embeddedKShot({ name: 'sentiment', shots: 16, seed: 13 });
  expect(a.test).toEqual(test);
  expect(b.test).toEqual(test);
  expect(a.train).toHaveLength(32);
  expect(a.dev).toHaveLength(32);
  for (const example of [...a.train, ...a.dev]) expect(pool).toContainEqual(example);
  expect(a.train).not.toEqual(b.train);
  await expect(embeddedKShot({ name: 'sentiment', shots: 512, seed: 42 })).rejects.toThrow(
    TooFewExamplesError,
  );
});

it('names that are not embedded tasks are refused', async () => {
  await expect(embeddedTask('MNLI')).rejects.toThrow(TaskDefinitionError);
  await expect(embeddedTask('weather')).rejects.toThrow(UnknownTaskError);
});

it('stored files hold nothing but label and text', () => {
  for (const name of ['sentiment', 'topic', 'entailment']) {
    const text = readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8');
    const data = JSON.parse(text) as Record<'pool' | 'test', Record<string, unknown>[]>;
    expect(Object.keys(data)).toEqual(['pool', 'test']);
    for (const stored of [...data.pool, ...data.test]) expect(Object.keys(stored)).toEqual(['label', 'text']);
  }
});
