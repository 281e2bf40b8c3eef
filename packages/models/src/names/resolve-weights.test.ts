import type { WeightSource } from '@ntk-lens/checkpoints';
import { BadArgumentError, sizeOf } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { MissingWeightsError, WeightShapeError } from './resolve-errors.js';
import { resolveWeightNames } from './resolve-weights.js';

const notRead = () => {
  throw new Error('not asked for');
};

const sourceOf = (shapes: Readonly<Record<string, readonly number[]>>): WeightSource => {
  const info = (name: string) => {
    const shape = shapes[name];
    if (shape === undefined) throw new BadArgumentError('tensor name', name, 'a tensor');
    return {
      shape,
      dtype: 'F32',
      file: 'f',
      byteOffset: 0,
      byteLength: 4 * sizeOf(shape),
      contiguous: true,
    } as const;
  };
  return {
    names: Object.keys(shapes),
    has: (name) => Object.hasOwn(shapes, name),
    info,
    read: notRead,
    bytes: notRead,
    close: async () => {},
  };
};
const expected = new Map<string, readonly number[]>([
  ['roberta.embeddings.word_embeddings.weight', [10, 4]],
  ['roberta.embeddings.LayerNorm.weight', [4]],
  ['roberta.embeddings.LayerNorm.bias', [4]],
  ['lm_head.bias', [10]],
  ['lm_head.decoder.weight', [10, 4]],
]);
const rules = {
  base: 'roberta.',
  head: ['lm_head.'],
  wordEmbeddings: 'roberta.embeddings.word_embeddings.weight',
  decoderWeight: 'lm_head.decoder.weight',
};
const roberta = { rules, tieWordEmbeddings: true };

describe('resolveWeightNames', () => {
  it('finds names with and without the base prefix, gamma and beta, and a bias inside the decoder', () => {
    const source = sourceOf({
      'embeddings.word_embeddings.weight': [10, 4],
      'embeddings.LayerNorm.gamma': [4],
      'embeddings.LayerNorm.beta': [4],
      'lm_head.decoder.bias': [10],
    });
    expect(Object.fromEntries(resolveWeightNames(source, expected, roberta))).toEqual({
      'roberta.embeddings.word_embeddings.weight': 'embeddings.word_embeddings.weight',
      'roberta.embeddings.LayerNorm.weight': 'embeddings.LayerNorm.gamma',
      'roberta.embeddings.LayerNorm.bias': 'embeddings.LayerNorm.beta',
      'lm_head.bias': 'lm_head.decoder.bias',
      'lm_head.decoder.weight': 'embeddings.word_embeddings.weight',
    });
  });

  it('gives a tied decoder the word embeddings, and an untied one its own tensor', () => {
    const source = sourceOf(Object.fromEntries(expected));
    const decoder = (tieWordEmbeddings: boolean) =>
      resolveWeightNames(source, expected, { rules, tieWordEmbeddings }).get('lm_head.decoder.weight');
    expect(decoder(true)).toBe('roberta.embeddings.word_embeddings.weight');
    expect(decoder(false)).toBe('lm_head.decoder.weight');
  });

  it('lists every missing weight', () => {
    const source = sourceOf({ 'roberta.embeddings.word_embeddings.weight': [10, 4] });
    const resolve = () => resolveWeightNames(source, expected, roberta);
    expect(resolve).toThrow(MissingWeightsError);
    expect(resolve).toThrow(/3 tensor.*LayerNorm\.weight.*LayerNorm\.bias.*lm_head\.bias/);
  });

  it('says so when only the head is missing', () => {
    const { 'lm_head.bias': _, ...rest } = Object.fromEntries(expected);
    expect(() => resolveWeightNames(sourceOf(rest), expected, roberta)).toThrow(
      /Only the language-model head/,
    );
  });

  it('names a tensor of another shape with both shapes', () => {
    const source = sourceOf({ ...Object.fromEntries(expected), 'lm_head.bias': [11] });
    const resolve = () => resolveWeightNames(source, expected, roberta);
    expect(resolve).toThrow(WeightShapeError);
    expect(resolve).toThrow('"lm_head.bias" is [11], expected [10]');
  });
});
