import { expect, test } from 'vitest';
import { parseModelConfig } from '../config/parse-model-config.js';

/** The configuration of DeBERTa-v3-base as it was published, which names no class and no head. */
const published = {
  ...{ model_type: 'deberta-v2', attention_probs_dropout_prob: 0.1, hidden_act: 'gelu' },
  ...{ hidden_dropout_prob: 0.1, hidden_size: 768, initializer_range: 0.02, intermediate_size: 3072 },
  ...{ max_position_embeddings: 512, relative_attention: true, position_buckets: 256 },
  ...{ norm_rel_ebd: 'layer_norm', share_att_key: true, pos_att_type: 'p2c|c2p', layer_norm_eps: 1e-7 },
  ...{ max_relative_positions: -1, position_biased_input: false, num_attention_heads: 12 },
  ...{ num_hidden_layers: 12, type_vocab_size: 0, vocab_size: 128_100 },
};

test('the published configuration is read', () => {
  expect(parseModelConfig(published)).toMatchObject({
    ...{ modelType: 'deberta-v2', embeddingSize: 768, positionTable: false, normalizesDistances: true },
    ...{ sharesProjections: true, meetings: { queries: true, keys: true }, legacyHead: true },
    ...{ distances: { span: 256, maxDistance: 512 }, convolution: undefined, tieWordEmbeddings: true },
  });
});

test('names in a list and between bars are the same', () => {
  const meetings = (types: unknown) => parseModelConfig({ ...published, pos_att_type: types });
  expect(meetings(['c2p', 'p2c'])).toEqual(meetings(' C2P | p2c'));
  expect(meetings(null)).toMatchObject({ meetings: { queries: false, keys: false } });
});

test.each<[field: string, value: unknown, message: RegExp]>([
  ['pos_att_type', 'p2p|c2p', /pos_att_type "p2p"/],
  ['position_buckets', 1, /position_buckets 1, expected at least 2/],
  ['max_relative_positions', 129, /position_buckets 256 for 129 relative positions/],
  ['attention_head_size', 32, /attention_head_size 32, expected 64/],
  ['conv_kernel_size', 4, /conv_kernel_size 4, expected an odd number/],
])('%s %o is refused by name', (field, value, message) => {
  expect(() => parseModelConfig({ ...published, [field]: value })).toThrow(message);
});

test('groups of a convolution, and a narrow newer head, are refused by name', () => {
  expect(() => parseModelConfig({ ...published, conv_kernel_size: 3, conv_groups: 2 })).toThrow(
    /conv_groups 2/,
  );
  expect(() => parseModelConfig({ ...published, legacy: false, embedding_size: 128 })).toThrow(
    /embedding_size 128 and legacy: false/,
  );
});
