import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawText } from './grammar.js';
import { languageTask, languageTaskNames } from './labelled-task.js';
import { actors, adjectives, judgements, objects, sentiments, topics, vocabulary } from './lexicon.js';
import { maskedCorpus } from './masked-corpus.js';
import { tokenizerFiles } from './tokenizer-files.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const wordsOf = (ids: readonly number[]) => ids.map((id) => vocabulary[id]!);

/** Reads the sentiment off a body: adjectives, each turned around behind "not". */
const sentimentsIn = (body: readonly string[]) =>
  body.flatMap((word, i) => {
    const index = sentiments.findIndex((sentiment) => adjectives[sentiment].includes(word));
    if (index < 0) return [];
    return [sentiments[body[i - 1] === 'not' ? 1 - index : index]!];
  });

describe('the generated language', () => {
  it('has a few hundred words, none of two meanings', () => {
    expect(vocabulary.length).toBeGreaterThan(150);
    const content = [
      ...topics.flatMap((topic) => [...actors[topic], ...objects[topic]]),
      ...sentiments.flatMap((sentiment) => [...adjectives[sentiment], judgements[sentiment]]),
    ];
    expect(new Set(content).size).toBe(content.length);
  });

  it('says sentiment and topic in every text, and never another', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const name of languageTaskNames) {
          const { examples, labels, targets } = languageTask({ name, size: 8, seed });
          for (const [i, { texts, label }] of examples.entries()) {
            expect(label).toBe(labels[targets[i]!]);
            const body = texts[0]!.split(' ');
            const said =
              name === 'sentiment'
                ? sentimentsIn(body)
                : topics.filter((topic) => body.some((word) => objects[topic].includes(word)));
            expect(said.length).toBeGreaterThan(0);
            expect(new Set(said)).toEqual(new Set([label]));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('depends on the seed alone, and on it', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(maskedCorpus({ size: 20, seed })).toEqual(maskedCorpus({ size: 20, seed }));
        expect(maskedCorpus({ size: 20, seed })).not.toEqual(
          maskedCorpus({ size: 20, seed: (seed + 1) >>> 0 }),
        );
        expect(languageTask({ name: 'topic', size: 4, seed })).toEqual(
          languageTask({ name: 'topic', size: 4, seed }),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('masks one word per text, the telling one often enough to be learned', () => {
    const { examples, words } = maskedCorpus({ size: 2000, seed: 3 });
    const mask = vocabulary.indexOf('[MASK]');
    for (const { inputIds, position } of examples) {
      expect(inputIds.filter((id) => id === mask)).toHaveLength(1);
      expect(inputIds[position]).toBe(mask);
      expect(inputIds.length).toBeLessThanOrEqual(26);
    }
    const telling = wordsOf(words).filter((word) => Object.values(judgements).includes(word)).length;
    expect(telling / 2000).toBeGreaterThan(1 / 5);
    expect(telling / 2000).toBeLessThan(1 / 3);
  });

  it('has prompts that are how texts of the corpus end', () => {
    const { prompts, labelWordIds, targets } = languageTask({ name: 'sentiment', size: 2, seed: 1 });
    const filled = prompts[0]!.inputIds.map((id, i) =>
      i === prompts[0]!.position ? labelWordIds[targets[0]!]! : id,
    );
    expect(wordsOf(filled).slice(-5)).toEqual([
      'it',
      'was',
      targets[0] === 1 ? 'great' : 'terrible',
      '.',
      '[SEP]',
    ]);
  });

  it('is tokenized by its files as it was made', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-language-'));
    for (const [name, text] of Object.entries(tokenizerFiles)) await writeFile(join(directory, name), text);
    const tokenizer = await loadTokenizer(directory);
    const { examples, prompts } = languageTask({ name: 'topic', size: 40, seed: 5 });
    for (const [i, { texts }] of examples.entries()) {
      const { cls, sep, mask } = tokenizer.special;
      const ids = [
        cls,
        ...tokenizer.encode(`${texts[0]} This article is about`),
        mask,
        ...tokenizer.encode(' news.'),
        sep,
      ];
      expect(ids).toEqual(prompts[i]!.inputIds);
    }
    await rm(directory, { recursive: true });
  });

  it('refuses sizes that cannot be balanced', () => {
    expect(() => languageTask({ name: 'topic', size: 6, seed: 0 })).toThrow(/multiple of 4/);
    expect(() => maskedCorpus({ size: 0, seed: 0 })).toThrow(/positive integer/);
  });
});

it('drawText keeps to what is given', () => {
  const random = { interval: () => 0, randomSample: () => 0.99 } as unknown as Parameters<typeof drawText>[0];
  expect(drawText(random, { topic: 'sports', sentiment: 'positive' }).body.join(' ')).toBe(
    'the striker scored the superb goal and it was superb .',
  );
});
