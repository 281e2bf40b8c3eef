import { describe, expect, test } from 'vitest';
import { byteLevelTokenizer, readFixture } from '../testing/fixture.js';
import { encodePrompt } from './encode-prompt.js';
import { encodeWithoutPrompt } from './encode-without-prompt.js';
import { MaskTruncatedError } from './prompt-errors.js';

interface Case {
  readonly texts: readonly string[];
  readonly template: string;
  readonly max_length: number;
  readonly first_sent_limit: number | null;
  readonly other_sent_limit?: number | null;
  readonly truncate_head: boolean;
  readonly support_labels: readonly number[] | null;
  readonly input_ids?: readonly number[];
  readonly mask_pos?: number;
  readonly token_type_ids?: readonly number[];
  readonly error?: string;
  readonly no_prompt_input_ids?: readonly number[];
  readonly no_prompt_token_type_ids?: readonly number[];
}

const { label_word_ids, cases } = readFixture<{ label_word_ids: number[]; cases: Case[] }>('prompts.json');
const tokenizer = byteLevelTokenizer();

const encode = (golden: Case, readMask: 'template' | 'first') =>
  encodePrompt(golden.template, golden.texts, tokenizer, {
    labelWordIds: label_word_ids,
    supportLabels: golden.support_labels ?? [],
    maxLength: golden.max_length,
    firstSentenceLimit: golden.first_sent_limit ?? undefined,
    otherSentenceLimit: golden.other_sent_limit ?? undefined,
    truncateHead: golden.truncate_head,
    segmentIds: true,
    readMask,
  });

const templates = [...new Set(cases.map((golden) => golden.template))];

describe.each(templates)('%s', (template) => {
  const group = cases.filter((golden) => golden.template === template);
  test('gives the ids, mask positions, segment ids and errors of the reference', () => {
    for (const golden of group) {
      const where = JSON.stringify(golden);
      if (golden.error !== undefined) {
        expect(() => encode(golden, 'first'), where).toThrow(MaskTruncatedError);
        continue;
      }
      const encoded = encode(golden, 'first');
      expect(encoded.inputIds, where).toEqual(golden.input_ids);
      expect(encoded.position, where).toBe(golden.mask_pos);
      expect(encoded.tokenTypeIds, where).toEqual(golden.token_type_ids);
    }
  });

  test('reads the mask of the template itself where a text or the cut would mislead the reference', () => {
    for (const golden of group) {
      if (golden.error !== undefined) continue;
      const cutMask = golden.truncate_head && golden.template.split('*mask*').length > 2;
      if (cutMask) continue;
      const { position, segments, inputIds } = encode(golden, 'template');
      expect(inputIds).toEqual(golden.input_ids);
      const mask = segments.find(({ piece }) => piece.kind === 'mask');
      expect(position).toBe(mask?.start);
    }
  });
});

test('without a prompt, ids and segment ids are those of the reference', () => {
  const found = cases.filter((golden) => golden.no_prompt_input_ids !== undefined);
  expect(found.length).toBeGreaterThan(20);
  for (const golden of found) {
    const encoded = encodeWithoutPrompt(golden.texts, tokenizer, {
      maxLength: golden.max_length,
      segmentIds: true,
    });
    expect(encoded.inputIds).toEqual(golden.no_prompt_input_ids);
    expect(encoded.tokenTypeIds).toEqual(golden.no_prompt_token_type_ids);
    expect(encoded.position).toBe(0);
  }
});
