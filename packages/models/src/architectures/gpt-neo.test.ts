import { expect, test } from 'vitest';
import { ModelConfigError } from '../config/errors.js';
import { parseModelConfig } from '../config/parse-model-config.js';
import { buildStages } from './build-stages.js';

const fields = {
  model_type: 'gpt_neo',
  vocab_size: 60,
  hidden_size: 8,
  num_layers: 4,
  num_heads: 2,
  max_position_embeddings: 16,
};
const config = (attention_types: unknown) => parseModelConfig({ ...fields, attention_types });

test('layers are of the kinds that attention_types repeats', () => {
  expect(config([[['global', 'local'], 2]])).toMatchObject({ reach: ['global', 'local', 'global', 'local'] });
  const mixed = config([
    [['local'], 3],
    [['global'], 1],
  ]);
  const layers = buildStages(mixed, [3]).filter(({ attends }) => attends);
  // The last layer is a function of its own anyway.
  expect(new Set(layers.map(({ identity }) => identity)).size).toBe(2);
  // transformers' default is for 24 layers.
  expect(parseModelConfig({ ...fields, num_layers: 24 })).toMatchObject({ layers: 24 });
});

test('kinds that are unknown, too few or too many are refused', () => {
  expect(() => config([[['global', 'sparse'], 2]])).toThrow(/"sparse".*"global" or "local"/);
  for (const wrong of [[[['global'], 3]], [[['local'], 5]], [], null, [[['local'], 1e9]], 'global'])
    expect(() => config(wrong)).toThrow(ModelConfigError);
});
