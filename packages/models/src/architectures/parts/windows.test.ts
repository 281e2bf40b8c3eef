import { describe, expect, test } from 'vitest';
import { parseModelConfig } from '../../config/parse-model-config.js';

const config = (type: string, change: object = {}) =>
  parseModelConfig({
    model_type: type,
    vocab_size: 97,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    ...change,
  });

const [full, sliding] = ['full_attention', 'sliding_attention'];

describe('windows of layers are those of transformers', () => {
  test.each<[string, string, object, readonly (number | null)[]]>([
    ['none, as Qwen has it', 'qwen2', { sliding_window: 9 }, [null, null, null]],
    [
      'from a layer on',
      'qwen3',
      { use_sliding_window: true, sliding_window: 9, max_window_layers: 1 },
      [null, 9, 9],
    ],
    [
      'by list',
      'qwen3',
      { use_sliding_window: true, layer_types: [sliding, full, sliding] },
      [4096, null, 4096],
    ],
    ['every other', 'gemma2', {}, [4096, null, 4096]],
    ['by pattern', 'gemma3_text', { sliding_window_pattern: 3, sliding_window: 5 }, [5, 5, null]],
  ])('%s', (_, type, change, windows) => {
    expect(config(type, change)).toMatchObject({ windows });
  });

  test('Mistral has one in every layer, 4096 where nothing is said', () => {
    expect(config('mistral')).toMatchObject({ window: 4096 });
    expect(config('mistral', { sliding_window: null })).toMatchObject({ window: null });
  });
});

test.each<[string, object, RegExp]>([
  [
    'an unknown kind of layer',
    { layer_types: [full, 'linear_attention', full] },
    /layer_types with "linear_attention"/,
  ],
  ['too few kinds', { layer_types: [full] }, /1 layer_types for 3 layers/],
  ['a window without a size', { layer_types: [full, full, sliding] }, /no sliding_window/],
  ['an unknown activation', { hidden_act: 'xielu' }, /activation "xielu"/],
])('%s is refused', (_, change, message) => {
  expect(() => config('qwen2', change)).toThrow(message);
});
