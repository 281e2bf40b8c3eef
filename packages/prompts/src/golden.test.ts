import { readFileSync } from 'node:fs';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { describe, expect, test } from 'vitest';
import { createVerbalizer, encodePrompt, encodeWithoutPrompt } from './index.js';
import { hfTokenizer } from './testing/hf-tokenizer.js';

interface GoldenPrompt {
  readonly task: string;
  readonly texts: readonly string[];
  readonly template: string;
  readonly max_length: number;
  readonly first_sent_limit: number | null;
  readonly other_sent_limit: number | null;
  readonly label_words: readonly string[];
  readonly label_word_ids: readonly number[];
  readonly label_word_pieces?: readonly (readonly string[])[];
  readonly input_ids: readonly number[] | null;
  readonly mask_pos: number | null;
  readonly token_type_ids: readonly number[] | null;
  readonly error?: string | null;
  readonly no_prompt_input_ids?: readonly number[];
}

const models = { roberta: 'tiny-roberta', bert: 'bert-uncased-tokenizer' };

describe.each(Object.entries(models))('the reference and %s', (name, model) => {
  const present = hasShared(`golden/prompts/${name}.jsonl`) && hasShared(`golden/models/${model}`);

  test.skipIf(!present)('agree on every stored prompt (skipped without ../shared/golden)', () => {
    const tokenizer = hfTokenizer(sharedPath(`golden/models/${model}`));
    const lines = readFileSync(sharedPath(`golden/prompts/${name}.jsonl`), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length).toBeGreaterThan(300);
    for (const [i, line] of lines.entries()) {
      const golden: GoldenPrompt = JSON.parse(line);
      const where = `line ${i + 1}`;
      const labels = golden.label_words.map((_, label) => String(label));
      const mapping = Object.fromEntries(labels.map((label, k) => [label, golden.label_words[k]!]));
      const { words, labelWordIds } = createVerbalizer(mapping, labels, tokenizer);
      expect(labelWordIds, where).toEqual(golden.label_word_ids);
      if (golden.label_word_pieces !== undefined) {
        expect(
          words.map((word) => word.pieces),
          where,
        ).toEqual(golden.label_word_pieces);
      }
      const options = {
        maxLength: golden.max_length,
        labelWordIds,
        ...(golden.first_sent_limit === null ? {} : { firstSentenceLimit: golden.first_sent_limit }),
        ...(golden.other_sent_limit === null ? {} : { otherSentenceLimit: golden.other_sent_limit }),
      };
      const encode = () => encodePrompt(golden.template, golden.texts, tokenizer, options);
      if (golden.error != null) {
        expect(encode, where).toThrow();
        continue;
      }
      const encoded = encode();
      expect(encoded.inputIds, where).toEqual(golden.input_ids);
      expect(encoded.position, where).toBe(golden.mask_pos);
      expect(encoded.tokenTypeIds ?? null, where).toEqual(golden.token_type_ids);
      if (golden.no_prompt_input_ids !== undefined) {
        const plain = encodeWithoutPrompt(golden.texts, tokenizer, { maxLength: golden.max_length });
        expect(plain.inputIds, where).toEqual(golden.no_prompt_input_ids);
        expect(plain.position, where).toBe(0);
      }
    }
  });
});
