import { tf } from '@ntk-lens/engine';
import { defineStage, type ModelConfig, type Stage } from '@ntk-lens/models';
import { type ParameterSpace, parseSpace } from '@ntk-lens/subspace';
import { describe, expect, it } from 'vitest';
import { checkExpressible, violationText } from './check-expressible.js';
import { checkExpressibleIn } from './check-expressible-in.js';

const config: ModelConfig = {
  ...{ modelType: 'roberta', architectures: [], vocabSize: 40, hiddenSize: 24, layers: 2, heads: 4 },
  ...{ intermediateSize: 96, activation: 'gelu', layerNormEps: 1e-5, positions: 20, maxTokens: 18 },
  ...{ padTokenId: 1, tieWordEmbeddings: true, hiddenDropout: 0.1, attentionDropout: 0.1 },
  ...{ initializerRange: 0.02, typeVocabSize: 1, positionOffset: 2 },
};
const base = checkExpressible({ config });
const added = async (spec: string) => {
  const { violations, counts, gradientCounts, finding } = await checkExpressibleIn(
    { config },
    parseSpace(spec),
  );
  expect(violations.map(violationText)).toEqual([]);
  expect(finding.verdict).toBe('holds');
  return {
    inputs: counts.input - base.counts.input,
    moments: counts.moment - base.counts.moment,
    gradientMoments: gradientCounts.moment - base.gradientCounts.moment,
  };
};

describe('a model in a space is as expressible as the model, with what the space adds', () => {
  it('LoRA: Ax has r inner products over width at each of four modules, and the gradients of B as many', async () => {
    expect(await added('lora:r=4')).toEqual({ inputs: 8, moments: 4, gradientMoments: 8 });
  });

  it('IA³ and prefixes add vectors, and no inner product of their own', async () => {
    expect(await added('ia3')).toEqual({ inputs: 6, moments: 0, gradientMoments: 0 });
    expect(await added('prefix:3')).toEqual({ inputs: 4, moments: 0, gradientMoments: 0 });
    expect(await added('prompt:3')).toMatchObject({ inputs: 1 });
  });

  it('biases alone and all parameters add nothing', async () => {
    for (const spec of ['bitfit', 'full'])
      expect(await added(spec)).toEqual({ inputs: 0, moments: 0, gradientMoments: 0 });
  });
});

it('a random subspace gets no verdict', async () => {
  const { finding } = await checkExpressibleIn({ config }, parseSpace('intrinsic:50'));
  expect(finding).toMatchObject({ verdict: 'cannot tell', note: expect.stringMatching(/random directions/) });
});

const thenSoftmax = defineStage((stage: Stage, at, side, x) =>
  tf.softmax(stage.apply(at.context, at.weights, side, x)),
);

it('a space that breaks the rules is refused with the place of the node', async () => {
  const lora = parseSpace('lora:r=4');
  const broken: ParameterSpace = {
    spec: 'broken',
    apply: async (model, options) => {
      const inside = await lora.apply(model, options);
      const stages = (ids: readonly number[]) =>
        inside
          .stages(ids)
          .map((stage) =>
            stage.name === 'layer.1'
              ? thenSoftmax({ name: stage.name, settings: stage, sites: stage.sites, attends: true })
              : stage,
          );
      return { ...inside, stages, kernel: inside.kernel };
    },
  };
  const { finding, violations } = await checkExpressibleIn({ config }, broken);
  expect(finding.verdict).toBe('fails');
  expect(violations[0]).toMatchObject({ stage: 'layer.1', op: 'Softmax' });
});
