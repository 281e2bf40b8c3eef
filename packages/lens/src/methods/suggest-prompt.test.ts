import { type Example, Mt19937 } from '@ntk-lens/core';
import { embeddedTask } from '@ntk-lens/tasks';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { beforeAll, expect, it } from 'vitest';
import { openLens } from '../node.js';
import type { PromptSuggestion } from './suggest-prompt.js';

const open = tinyLens(openLens);
const templates = ['*cls**sent_0*_It_was*mask*.*sep+*', '*cls**sent_0*_This_is*mask*.*sep+*'];
let train: readonly Example[];
let suggested: PromptSuggestion;
const suggest = (examples: readonly Example[]) => open().suggestPrompt(examples, { templates });
beforeAll(async () => {
  const { pool } = await embeddedTask('sentiment');
  train = pool.slice(0, 12);
  suggested = await suggest(train);
});

it('a suggestion does not change with the order of the examples, to the last bit', async () => {
  const shuffled = [...train];
  new Mt19937(7).shuffle(shuffled);
  expect(await suggest(shuffled)).toEqual(suggested);
});

it('labels of other names get the words that are predicted', async () => {
  const names = new Map([
    ['negative', 'zz 1'],
    ['positive', 'aa 0'],
  ]);
  const renamed = await suggest(train.map(({ texts, label }) => ({ texts, label: names.get(label)! })));
  const predicted = suggested.tried.filter(({ from }) => from === 'predicted');
  expect(
    renamed.tried.map(({ words, ...rest }) => ({
      ...rest,
      words: Object.fromEntries([...names].map(([label, own]) => [label, words[own]])),
    })),
  ).toEqual(predicted);
});

it('given words and templates are rated, not searched, and everything is rated the best first', async () => {
  const words = { negative: 'terrible', positive: 'great' };
  const { tried, template } = await open().suggestPrompt(train, { templates, words });
  expect(tried.map(({ from, words: own }) => [from, own])).toEqual(templates.map(() => ['given', words]));
  expect(tried[0]!.template).toBe(template);
  for (const all of [tried, suggested.tried]) {
    const ratings = all.map(({ logLikelihood }) => logLikelihood);
    expect(ratings).toEqual(ratings.toSorted((a, b) => b - a));
  }
});

it('examples of one label are refused', async () => {
  await expect(suggest(train.filter(({ label }) => label === 'positive'))).rejects.toThrow(
    /"1 labels", expected two/,
  );
});
