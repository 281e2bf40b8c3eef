import { describe, expect, test } from 'vitest';
import { parseModelConfig } from '../../config/parse-model-config.js';
import type { ConfigOf } from '../registry.js';
import { rotaryFrequencies } from './rope.js';

const sizes = {
  vocab_size: 97,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
};
const llama = (change: object) =>
  parseModelConfig({ ...sizes, model_type: 'llama', ...change }) as ConfigOf<'llama'>;
const gemma3 = (change: object) =>
  parseModelConfig({ ...sizes, model_type: 'gemma3_text', ...change }) as ConfigOf<'gemma3_text'>;

const llama3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};
const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 8192 };
const deepseek = {
  ...{
    rope_type: 'yarn',
    factor: 40,
    original_max_position_embeddings: 4096,
    mscale: 1,
    mscale_all_dim: 0.7,
  },
  ...{ beta_fast: 16, beta_slow: 2, truncate: false },
};

/** `inv_freq` and `attention_scaling` of transformers 5.24. */
const cases: readonly (readonly [string, number, object, number, number, readonly number[], number])[] = [
  ['default', 2048, { rope_type: 'default' }, 10_000, 8, [1, 0.1, 0.01, 0.001], 1],
  ['linear', 2048, { rope_type: 'linear', factor: 4 }, 10_000, 8, [0.25, 0.025, 0.0025, 0.00025], 1],
  ['dynamic', 2048, { rope_type: 'dynamic', factor: 4 }, 10_000, 8, [1, 0.1, 0.01, 0.001], 1],
  [
    ...(['llama3', 131_072, llama3, 500_000, 16] as const),
    [
      ...[1, 0.193922758102417, 0.03760603070259094, 0.00729266507551074, 0.0005248460220173001],
      ...[3.428102354519069e-5, 6.647869668086059e-6, 1.289173155782919e-6],
    ],
    1,
  ],
  [
    ...(['yarn', 32_768, yarn, 1_000_000, 16] as const),
    [
      ...[1, 0.17782793939113617, 0.03162277862429619, 0.004217559937387705, 0.0005000000237487257],
      ...[4.4456985051510856e-5, 7.905693564680405e-6, 1.405853367941745e-6],
    ],
    1.138629436111989,
  ],
  [
    ...(['yarn as DeepSeek has it', 32_768, deepseek, 10_000, 16] as const),
    [
      ...[1, 0.3162277638912201, 0.1, 0.03162277862429619, 0.005790104623883963],
      ...[0.00012395245721563697, 2.499999936844688e-5, 7.905694474175107e-6],
    ],
    1.0879546075066122,
  ],
];

describe.each(cases)(
  'rotary positions of type %s',
  (_, positions, scaling, theta, headSize, expected, factor) => {
    const common = { max_position_embeddings: positions, head_dim: headSize };
    const newer = llama({ ...common, rope_parameters: { ...scaling, rope_theta: theta } });

    test('turn by the frequencies of transformers', () => {
      const found = rotaryFrequencies(newer.rope, headSize);
      expect(found.factor).toBeCloseTo(factor, 12);
      expect(found.frequencies).toHaveLength(expected.length);
      for (const [i, value] of expected.entries())
        expect(Math.abs(found.frequencies[i]! / value - 1)).toBeLessThan(1e-6);
    });

    test('are the same as transformers 4 writes them', () => {
      const { rope_type: type, ...rest } = scaling as { readonly rope_type: string };
      expect(llama({ ...common, rope_theta: theta, rope_scaling: scaling })).toEqual(newer);
      expect(llama({ ...common, rope_theta: theta, rope_scaling: { type, ...rest } })).toEqual(newer);
    });
  },
);

test('a configuration without rotary fields has the defaults of transformers', () => {
  const rope = { theta: 10_000, partial: 1, scaling: { type: 'default' } };
  expect(llama({}).rope).toEqual(rope);
  expect(llama({ rope_scaling: null, rope_theta: null }).rope).toEqual(rope);
  expect(gemma3({})).toMatchObject({ rope: { ...rope, theta: 1_000_000 }, windowRope: rope });
});

test('the kinds of layers of Gemma 3 have rotary positions of their own, in either version', () => {
  const newer = gemma3({
    rope_parameters: {
      full_attention: { rope_type: 'linear', factor: 8, rope_theta: 2e6 },
      sliding_attention: { rope_type: 'default', rope_theta: 500 },
    },
  });
  expect(newer.rope).toEqual({ theta: 2e6, partial: 1, scaling: { type: 'linear', factor: 8 } });
  expect(newer.windowRope).toEqual({ theta: 500, partial: 1, scaling: { type: 'default' } });
  const older = {
    rope_theta: 2e6,
    rope_local_base_freq: 500,
    rope_scaling: { rope_type: 'linear', factor: 8 },
  };
  expect(gemma3(older)).toEqual(newer);
});

test('a padding token of −1 is none', () => {
  expect(llama({ pad_token_id: -1 }).padTokenId).toBe(0);
  expect(() => llama({ pad_token_id: -2 })).toThrow(/pad_token_id/);
});

test.each<[string, object, RegExp]>([
  [
    'longrope',
    { rope_scaling: { type: 'longrope', long_factor: [1] } },
    /rope_type "longrope", expected one of default, lin/,
  ],
  ['a type in the newer place', { rope_parameters: { rope_type: 'mrope' } }, /rope_type "mrope"/],
  ['a prototype name', { rope_scaling: { type: 'constructor' } }, /rope_type "constructor"/],
  ['linear without a factor', { rope_scaling: { type: 'linear' } }, /"linear" without factor/],
  ['a factor of 0', { rope_scaling: { type: 'linear', factor: 0 } }, /rope_scaling.factor/],
  ['equal frequency factors', { rope_scaling: { ...llama3, high_freq_factor: 1 } }, /high_freq_factor 1/],
  [
    'objects for kinds of layers',
    { rope_parameters: { full_attention: {} } },
    /rope_parameters by kind of layer/,
  ],
  ['a part of each head', { partial_rotary_factor: 0.5 }, /partial_rotary_factor 0.5, expected 1/],
  [
    'a part of each head in the newer place',
    { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.25 } },
    /partial_rotary_factor 0.25, expected 1/,
  ],
  ['an odd size of heads', { head_dim: 7 }, /rotary positions of 7 numbers/],
  [
    'heads that are not shared evenly',
    { num_key_value_heads: 3, num_attention_heads: 4 },
    /4 attention heads with 3/,
  ],
  ['experts', { num_local_experts: 8 }, /a mixture of experts \(model_type "llama", num_local_experts: 8\)/],
])('%s is refused by name', (_, change, message) => {
  expect(() => llama(change)).toThrow(message);
});

test.each(['num_local_experts', 'num_experts', 'n_routed_experts'])(
  'a mixture of experts of an unknown type is refused as one, with what is supported: %s',
  (field) => {
    const message = /a mixture of experts \(model_type "somemoe", \w+: 16\), expected one of .*llama \(Llama/;
    expect(() => parseModelConfig({ model_type: 'somemoe', [field]: 16 })).toThrow(message);
    expect(() => parseModelConfig({ model_type: 'somemoe', text_config: { [field]: 16 } })).toThrow(message);
  },
);
