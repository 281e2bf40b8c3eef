import { fileURLToPath } from 'node:url';
import { tf } from '@ntk-lens/engine';
import {
  buildStages,
  defineStage,
  type ModelConfig,
  modelTypes,
  readModelConfig,
  type Stage,
} from '@ntk-lens/models';
import { describe, expect, it } from 'vitest';
import { perceptronStages } from '../infinite-width/perceptron-stages.js';
import { analyseStages } from './analyse-stages.js';
import { checkExpressible, expressibleReport, violationText } from './check-expressible.js';

const tinyModel = (name: string): string =>
  fileURLToPath(new URL(`../../../models/fixtures/architectures/${name}`, import.meta.url));

const base = {
  architectures: [],
  vocabSize: 40,
  hiddenSize: 24,
  layers: 2,
  heads: 4,
  intermediateSize: 96,
  activation: 'gelu' as const,
  layerNormEps: 1e-5,
  positions: 20,
  maxTokens: 18,
  padTokenId: 1,
  tieWordEmbeddings: true,
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  initializerRange: 0.02,
};
const configs: readonly ModelConfig[] = [
  { ...base, modelType: 'roberta', typeVocabSize: 1, positionOffset: 2 },
  { ...base, modelType: 'bert', typeVocabSize: 2, positionOffset: 0 },
];

/** Models whose attention scores are products of queries and keys as they are. */
const unscaled: readonly string[] = ['gpt_neo'];

describe('accepts', () => {
  it.each(modelTypes)('%s, forward and backward', async (name) => {
    const config = await readModelConfig(tinyModel(name));
    const { finding, violations, counts, gradientCounts, notes } = checkExpressible({ config });
    expect(violations.map(violationText)).toEqual([]);
    expect(finding.verdict).toBe('holds');
    for (const kind of ['matrix product', 'coordinatewise', 'moment'] as const) {
      expect(counts[kind], kind).toBeGreaterThan(0);
      expect(gradientCounts[kind], kind).toBeGreaterThan(counts[kind]);
    }
    // Products of queries and keys in each layer, of contents alone or also with distances.
    const scale = unscaled.includes(name) ? 'not scaled: grows with width' : 'scaled by n\\^\\(-0.5\\)';
    expect([...new Set(notes.map(({ stage, note }) => `${stage}: ${note}`))]).toEqual(
      Array.from({ length: config.layers }, (_, i) =>
        expect.stringMatching(new RegExp(`^layer.${i}: .*${scale}`)),
      ),
    );
  });

  it('a model one of whose constants is equal to another at its width: 1/√4 to GELU’s ½', () => {
    const small = { ...configs[1]!, hiddenSize: 16, intermediateSize: 64 };
    expect(checkExpressible({ config: small }).finding.verdict).toBe('holds');
  });

  it('counts what the architecture says: six weight matrices a layer', () => {
    const count = (layers: number) =>
      checkExpressible({ config: { ...configs[0]!, layers } }).counts['matrix product'];
    expect(count(3) - count(2)).toBe(6);
  });

  it('a perceptron', () => {
    const analysis = analyseStages({
      stagesAt: (width) =>
        perceptronStages(
          { nonlinearity: 'erf', hiddenLayers: 3, biasScale: 0.1 },
          { width, features: 5, examples: 7, outputs: 2 },
          [0, 1],
        ),
      widths: [10, 20],
      maxTokens: 1,
    });
    expect(analysis.violations).toEqual([]);
    expect(analysis.counts['matrix product']).toBe(2);
  });
});

/** RoBERTa with something done to the hidden state that leaves a layer. */
const planted = (change: (x: tf.Tensor, width: number) => tf.Tensor) => {
  const leaving = defineStage((stage: Stage, at, side, x) => {
    const y = stage.apply(at.context, at.weights, side, x);
    return change(y, y.shape[2]!);
  });
  const config = configs[0]!;
  const analysis = analyseStages({
    stagesAt: (width) =>
      buildStages({ ...config, hiddenSize: width, intermediateSize: 4 * width }, [0, 1]).map(
        (stage): Stage =>
          stage.name === 'layer.0'
            ? leaving({ name: stage.name, settings: stage, sites: stage.sites, attends: true })
            : stage,
      ),
    widths: [24, 48],
  });
  return { ...analysis, ...expressibleReport(analysis, 'planted') };
};

describe('rejects, and names the node and its place', () => {
  const cases: readonly [string, (x: tf.Tensor, width: number) => tf.Tensor, string, RegExp][] = [
    ['softmax over width', (x) => tf.softmax(x), 'Softmax', /softmax over width/],
    ['a maximum over width', (x) => x.sub(x.max(-1, true)), 'Max', /no moment/],
    ['a product over width', (x) => x.mul(x.prod(-1, true)), 'Prod', /no moment/],
    ['a sum over width as it is', (x) => x.mul(x.square().sum(-1, true)), 'Sum', /nothing divides/],
    ['single coordinates', (x) => x.mul(x.slice([0, 0, 5], [2, 3, 1])), 'Slice', /single coordinates/],
    [
      'coordinates by index',
      (x, width) => tf.gather(x, tf.tensor1d(Int32Array.from({ length: width }, (_, i) => width - 1 - i)), 2),
      'GatherV2',
      /by index/,
    ],
    ['coordinates the other way round', (x) => x.mul(x.reverse(2)), 'Reverse', /round/],
    [
      'a constant beside a vector',
      (x) =>
        tf
          .concat([x, x.slice([0, 0, 0], [2, 3, 1])], 2)
          .slice([0, 0, 0], x.shape as [number, number, number]),
      'Slice',
      /single coordinates/,
    ],
    [
      'one entry more',
      (x) => x.add(tf.concat([x, tf.ones([2, 3, 1])], 2).mean(-1, true)),
      'Concat',
      /finitely many entries/,
    ],
    [
      'a nonlinearity of a matrix',
      (x) => {
        const rows = x.reshape([6, x.shape[2]!]);
        return tf
          .matMul(rows, tf.tanh(tf.matMul(rows, rows, true, false)))
          .div(x.shape[2]!)
          .reshape(x.shape);
      },
      'Tanh',
      /entries of a matrix/,
    ],
    [
      'a matrix of all pairs, flattened',
      (x) => {
        const rows = x.reshape([6, x.shape[2]!]);
        return x.mul(
          tf
            .matMul(rows, rows, true, false)
            .reshape([x.shape[2]! ** 2])
            .mean(),
        );
      },
      'Reshape',
      /merges two axes/,
    ],
    [
      'operations whose number grows',
      (x) => tf.addN(tf.split(x, x.shape[2]!, 2)).add(x),
      'Slice',
      /single coordinates|depend on width/,
    ],
  ];
  it.each(cases)('%s', (_, change, op, problem) => {
    const { finding, violations, counts } = planted(change);
    expect(finding.verdict).toBe('fails');
    expect(finding.statistic).toBe(violations.length);
    const [first] = violations;
    expect(first).toMatchObject({ stage: 'layer.0', site: 'after output.norm', op });
    expect(first!.problem).toMatch(problem);
    expect(finding.note).toContain(`layer.0, after output.norm: ${op}`);
    expect(counts['not allowed']).toBe(violations.length);
  });

  it('sorting, which cannot be traced', () => {
    const { finding, violations } = planted((x) => tf.topk(x, x.shape[2]!).values);
    expect(finding.verdict).toBe('fails');
    expect(violations).toMatchObject([{ stage: 'layer.0', op: 'TopK' }]);
    expect(finding.note).toBe(violationText(violations[0]!));
  });

  it('but not a mistake, which is thrown', () => {
    const broken = () =>
      planted(() => {
        throw new TypeError('a mistake');
      });
    expect(broken).toThrow('a mistake');
  });

  it.each<[string, (x: tf.Tensor, width: number) => tf.Tensor]>([
    ['a sum that is divided before', (x, width) => x.mul(x.square().div(width).sum(-1, true))],
    ['a sum that is divided after', (x, width) => x.mul(x.square().sum(-1, true).div(width))],
    ['a mean, and a nonlinearity of it', (x) => x.mul(tf.sigmoid(x.square().mean(-1, true)))],
    [
      'halves of a vector, in the other order',
      (x, width) => tf.concat(tf.split(x, [width / 2, width / 2], 2).reverse(), 2),
    ],
    ['softmax over tokens', (x) => tf.softmax(x.transpose([0, 2, 1])).transpose([0, 2, 1])],
  ])('but not %s', (_, change) => {
    expect(planted(change).violations.map(violationText)).toEqual([]);
  });
});
