import { Mt19937 } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../config/parse-model-config.js';
import { readModelConfig } from '../node/read-model-config.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { ParametrizationError } from './errors.js';
import { type ParametrizationName, parametrizationNames, widthExponents } from './parametrizations.js';
import { parametrize } from './parametrize.js';
import { widthUses } from './width-uses.js';

const config = (width: number, more: Readonly<Record<string, unknown>> = {}) =>
  parseModelConfig({
    model_type: 'bert',
    vocab_size: 50,
    hidden_size: width,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 2 * width,
    max_position_embeddings: 16,
    tie_word_embeddings: false,
    ...more,
  });

describe('roles', () => {
  it('of BERT are told by the sides that grow', () => {
    const roles = new Map(widthUses(config(32)).map(({ ref, role }) => [ref.name, role]));
    const of = (part: string) => [...roles].filter(([name]) => name.includes(part)).map(([, role]) => role);
    expect(new Set(of('embeddings'))).toEqual(new Set(['input']));
    expect(new Set(of('LayerNorm'))).toEqual(new Set(['input']));
    expect(roles.get('bert.encoder.layer.0.intermediate.dense.weight')).toBe('hidden');
    expect(roles.get('bert.encoder.layer.0.intermediate.dense.bias')).toBe('input');
    expect(roles.get('cls.predictions.decoder.weight')).toBe('output');
    expect(roles.get('cls.predictions.decoder.bias')).toBe('fixed');
  });

  it.each(architectureNames)('of %s cover every parameter', async (name) => {
    const own = await readModelConfig(architectureCase(name).directory);
    const uses = widthUses(own);
    expect(uses.some(({ role }) => role === 'hidden')).toBe(true);
    expect(uses.filter(({ query }) => query).length).toBeGreaterThan(0);
    expect(() =>
      parametrize({ ...own, tieWordEmbeddings: false }, { name: 'mup', baseWidth: 8 }),
    ).not.toThrow();
  });
});

/** Linear network f = u·W·v with multipliers n^(−aₗ), weights of variance n^(−2bₗ), learning rate η n^(−c). */
const train = (n: number, a: readonly number[], b: readonly number[], rates: readonly number[]) => {
  const random = new Mt19937(n);
  const normal = (count: number, std: number) =>
    Float64Array.from({ length: count }, () => std * random.standardNormal());
  const [v, w, u] = [normal(n, n ** -b[0]!), normal(n * n, n ** -b[1]!), normal(n, n ** -b[2]!)];
  const multiplier = a.map((exponent) => n ** -exponent);
  const outputs: number[] = [];
  for (let step = 0; step < 4; step++) {
    const h = v.map((x) => multiplier[0]! * x);
    const g = Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += w[i * n + j]! * h[j]!;
      return multiplier[1]! * sum;
    });
    const f = g.reduce((sum, x, i) => sum + multiplier[2]! * u[i]! * x, 0);
    outputs.push(f);
    const chi = f - 1;
    const dg = u.map((x) => chi * multiplier[2]! * x);
    const dh = Float64Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += w[i * n + j]! * dg[i]!;
      return multiplier[1]! * sum;
    });
    for (let i = 0; i < n; i++) {
      u[i]! -= 0.1 * rates[2]! * chi * multiplier[2]! * g[i]!;
      v[i]! -= 0.1 * rates[0]! * multiplier[0]! * dh[i]!;
      for (let j = 0; j < n; j++) w[i * n + j]! -= 0.1 * rates[1]! * multiplier[1]! * dg[i]! * h[j]!;
    }
  }
  return outputs;
};

describe('the table', () => {
  // Yang & Hu 2021, Table 1, with c = 0: (a) and (b) of input, hidden and output layers.
  const published = {
    ntk: { a: [0, 0.5, 0.5], b: [0, 0, 0] },
    mup: { a: [-0.5, 0, 0.5], b: [0.5, 0.5, 0.5] },
  } as const;

  it.each(['ntk', 'mup'] as const)('of %s trains as the published multipliers do', (name) => {
    for (const n of [4, 16]) {
      const { a, b } = published[name];
      const roles = ['input', 'hidden', 'output'] as const;
      const folded = roles.map((role) => widthExponents(name, role)!);
      const found = train(
        n,
        [0, 0, 0],
        folded.map(({ std }) => -std),
        folded.map(({ sgd }) => n ** sgd),
      );
      const expected = train(n, a, b, [1, 1, 1]);
      for (const [i, f] of expected.entries()) expect(found[i]).toBeCloseTo(f, 10);
    }
  });

  it('makes all parametrizations one at the base width, up to a factor 1', () => {
    const [first, ...others] = (['standard', 'ntk', 'mup'] as const).map((name) =>
      parametrize(config(32), { name, baseWidth: 32 }),
    );
    for (const other of others) expect(other.scales).toEqual(first!.scales);
    for (const { learningRate } of first!.scales) expect(learningRate).toEqual({ sgd: 1, adam: 1 });
  });

  it('has attention scores divided by the head size in μP, folded into the queries', () => {
    const at = (name: ParametrizationName) => {
      const own = parametrize(config(128), { name, baseWidth: 32 });
      return own.scales.find(({ query, kind }) => query && kind === 'weight')!;
    };
    expect(at('standard').std).toBeCloseTo(1 / Math.sqrt(128), 12);
    expect(at('mup').std).toBeCloseTo(1 / Math.sqrt(128) / 2, 12);
    expect(at('mup').learningRate).toEqual({ sgd: 1 / 4, adam: 1 / 8 });
  });

  it('refuses what is not defined', () => {
    expect(() => parametrize(config(32), { name: 'mean-field', baseWidth: 32 })).toThrow(
      ParametrizationError,
    );
    expect(() => parametrize(config(32), { name: 'mean-field', baseWidth: 32 })).toThrow(/one hidden layer/);
    const tied = config(32, { tie_word_embeddings: true });
    expect(() => parametrize(tied, { name: 'mup', baseWidth: 32 })).toThrow(/tied/);
    expect(() => parametrize(tied, { name: 'standard', baseWidth: 32 })).not.toThrow();
    expect(() => parametrize(config(32), { name: 'mup', baseWidth: 0 })).toThrow(/positive integer/);
    expect(() => parametrize(config(32), { name: 'x' as 'mup', baseWidth: 1 })).toThrow(
      parametrizationNames.join(', '),
    );
  });
});
