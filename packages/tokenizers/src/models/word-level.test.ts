import { expect, test } from 'vitest';
import { loadTokenizer } from '../node/load-tokenizer.js';
import { fixtureJson } from '../testing/fixtures.js';

interface Case {
  readonly name: string;
  readonly tokenizer: { readonly model: Readonly<Record<string, unknown>> };
  readonly results: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly offsets: readonly (readonly [number, number])[];
    readonly decoded: string;
  }[];
}

const cases = fixtureJson<Case[]>('word-level.golden.json');
const load = (tokenizer: unknown) => loadTokenizer({ 'tokenizer.json': JSON.stringify(tokenizer) });

test.each(cases)('WordLevel after $name gives the ids, offsets and text of Hugging Face', async (golden) => {
  const tokenizer = await load(golden.tokenizer);
  for (const { text, ids, offsets, decoded } of golden.results) {
    const encoded = tokenizer.encodeWithOffsets(text);
    expect(
      [encoded.ids, encoded.offsets].map((list) => Array.from(list as ArrayLike<unknown>)),
      text,
    ).toEqual([ids, offsets]);
    expect(tokenizer.decode(ids)).toBe(decoded);
  }
});

test('a WordLevel model needs its unknown token', async () => {
  const { tokenizer } = cases[0]!;
  const model = { ...tokenizer.model, unk_token: '[OTHER]' };
  await expect(load({ ...tokenizer, model })).rejects.toThrow(/unk_token.*a token of the vocabulary/);
});
