import { expect, test } from 'vitest';
import { collate } from '../batching/batch.js';
import { parseModelConfig } from '../config/parse-model-config.js';
import { buildEncoder, buildStages } from './build-stages.js';

const fields = {
  model_type: 'opt',
  vocab_size: 60,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  ffn_dim: 12,
  max_position_embeddings: 7,
};

test('every token of a text has a position of its own, padding tokens among them', () => {
  const config = parseModelConfig(fields);
  const examples = [{ inputIds: [2, 1, 9, 1, 7], position: 4 }];
  const { positions } = collate(examples, { indices: [0], length: 7 }, config);
  expect([...positions.data]).toEqual([2, 3, 4, 5, 6, 1, 1]);
  expect(config).toMatchObject({ padTokenId: 1, positions: 9, maxTokens: 7 });
});

test('the last norm is there where norms come first, unless the configuration removes it', () => {
  const siteNames = (more: object) => {
    const config = parseModelConfig({ ...fields, ...more });
    const head = buildStages(config, [3]).at(-1)!;
    const encoder = buildEncoder(config).at(-1)!;
    return [head, encoder].map(({ name, sites }) => [name, ...sites.map((site) => site.name)].slice(0, 3));
  };
  expect(siteNames({})).toEqual([
    ['head', 'norm', 'decoder'],
    ['final', 'norm'],
  ]);
  const none = [
    ['head', 'decoder'],
    ['layer.1', 'attention.norm', 'query'],
  ];
  expect(siteNames({ _remove_final_layer_norm: true })).toEqual(none);
  expect(siteNames({ do_layer_norm_before: false })).toEqual(none);
  expect(siteNames({ do_layer_norm_before: false, word_embed_proj_dim: 4 })).toEqual([
    ['head', 'projection', 'decoder'],
    ['final', 'projection'],
  ]);
});
