import { Mt19937, type Random } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import {
  mutatedBytes,
  mutatedJson,
  mutatedJsonText,
  mutatedList,
  mutatedText,
  respelledJson,
} from './mutate.js';

const json = { name: 'a text', sizes: [1, 2, 3], nested: { yes: true, none: null } };
const mutators: Readonly<Record<string, (random: Random) => unknown>> = {
  bytes: (random) => [...mutatedBytes(random, new TextEncoder().encode('some bytes to edit'))],
  text: (random) => mutatedText(random, 'a text with 12 numbers', ['word']),
  JSON: (random) => mutatedJson(random, json, ['word']),
  list: (random) => mutatedList(random, 'a list of letters'.split(''), ['x', 'y', 'z']),
  'spelling of JSON': (random) => respelledJson(random, json),
  'JSON text': (random) => mutatedJsonText(random, json, ['word']),
};

describe.each(Object.entries(mutators))('edited %s', (_, mutate) => {
  const many = (seed: number) => {
    const random = new Mt19937(seed);
    return Array.from({ length: 500 }, () => JSON.stringify(mutate(random)));
  };

  it('is the same for the same seed, and other for another', () => {
    expect(many(1)).toEqual(many(1));
    expect(many(1)).not.toEqual(many(2));
  });

  it('is of many kinds, and leaves its seed as it was', () => {
    const before = structuredClone(json);
    expect(new Set(many(3)).size).toBeGreaterThan(200);
    expect(json).toEqual(before);
  });
});

it('edited JSON can be written', () => {
  const random = new Mt19937(4);
  for (let i = 0; i < 2_000; i++) expect(() => JSON.stringify(mutatedJson(random, json))).not.toThrow();
});

it('another spelling of JSON is the same value', () => {
  const random = new Mt19937(5);
  const values = [json, ['\\', '\n"x"', 'a\\b', '\u2028', 'Ġ\\u'], { 'a\\': { '"': [] } }];
  for (let i = 0; i < 500; i++)
    for (const value of values) expect(JSON.parse(respelledJson(random, value))).toEqual(value);
});
