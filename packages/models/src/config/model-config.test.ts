import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NtkLensError, StrayContentError } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parametersOf } from '../architectures/parameters-of.js';
import { modelTypes } from '../architectures/registry.js';
import { readModelConfig } from '../node/read-model-config.js';
import { architectureNames, architectureRoot } from '../testing/architecture-cases.js';
import { ModelConfigError, UnsupportedArchitectureError } from './errors.js';
import { parseModelConfig } from './parse-model-config.js';

const modelDirectory = fileURLToPath(new URL('../../../minilm-mlm/model', import.meta.url));
const roberta = {
  architectures: ['RobertaForMaskedLM'],
  model_type: 'roberta',
  vocab_size: 50265,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 514,
  type_vocab_size: 1,
  layer_norm_eps: 1e-5,
  pad_token_id: 1,
};

describe('config.json', () => {
  it('of the embedded model is read', async () => {
    expect(await readModelConfig(modelDirectory)).toMatchObject({
      modelType: 'bert',
      hiddenSize: 384,
      layers: 6,
      heads: 12,
      layerNormEps: 1e-12,
      maxTokens: 512,
      positionOffset: 0,
      tieWordEmbeddings: true,
    });
  });

  it('of RoBERTa keeps two positions for padding', () => {
    expect(parseModelConfig(roberta)).toMatchObject({
      modelType: 'roberta',
      maxTokens: 512,
      positionOffset: 2,
    });
  });

  it('without model_type is told by its class', () => {
    const { model_type: _, ...old } = roberta;
    expect(parseModelConfig(old).modelType).toBe('roberta');
    expect(parseModelConfig({ ...old, architectures: ['XLMRobertaForMaskedLM'] }).modelType).toBe(
      'xlm-roberta',
    );
  });

  it('of a classifier is accepted: only its weights can say whether the head is there', () => {
    expect(
      parseModelConfig({ ...roberta, architectures: ['RobertaForSequenceClassification'] }).hiddenSize,
    ).toBe(768);
  });

  it('of DistilBERT, ALBERT, ELECTRA and GPT-2 comes under the same names', () => {
    expect(
      parseModelConfig({
        model_type: 'distilbert',
        vocab_size: 30522,
        dim: 768,
        n_layers: 6,
        n_heads: 12,
        hidden_dim: 3072,
        max_position_embeddings: 512,
      }),
    ).toMatchObject({ hiddenSize: 768, layers: 6, heads: 12, intermediateSize: 3072, layerNormEps: 1e-12 });
    expect(
      parseModelConfig({ ...roberta, model_type: 'albert', embedding_size: 128, num_hidden_groups: 2 }),
    ).toMatchObject({ activation: 'gelu_new', embeddingSize: 128, hiddenGroups: 2, innerGroups: 1 });
    expect(parseModelConfig({ ...roberta, model_type: 'electra', embedding_size: 64 })).toMatchObject({
      embeddingSize: 64,
    });
    expect(
      parseModelConfig({
        model_type: 'gpt2',
        vocab_size: 50257,
        n_embd: 768,
        n_layer: 12,
        n_head: 12,
        n_positions: 1024,
      }),
    ).toMatchObject({
      intermediateSize: 3072,
      layerNormEps: 1e-5,
      activation: 'gelu_new',
      padTokenId: 50256,
    });
  });

  it.each([
    ['t5', { model_type: 't5' }],
    ['no type', { hidden_size: 3 }],
    ['an unknown class', { architectures: ['Llama4ForCausalLM'] }],
    ['a class that only starts alike', { architectures: ['BertweetForMaskedLM'] }],
    ['a prototype name', { model_type: 'constructor' }],
    ['deep nesting', { model_type: JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) }],
  ])('of %s is refused with the list of what is supported', (_, config) => {
    expect(() => parseModelConfig(config)).toThrow(UnsupportedArchitectureError);
    expect(() => parseModelConfig(config)).toThrow(new RegExp(modelTypes.join(' .*')));
  });

  it.each([
    ['heads that do not divide', { num_attention_heads: 7 }, /hidden size 768 with 7/],
    ['a missing size', { hidden_size: undefined }, /hidden_size/],
    ['a negative size', { hidden_size: -768 }, /hidden_size/],
    ['a huge size', { hidden_size: 2 ** 40 }, /hidden_size/],
    ['text for a number', { num_hidden_layers: '12' }, /num_hidden_layers/],
    ['an unknown activation', { hidden_act: 'xielu' }, /xielu/],
    ['a prototype name as activation', { hidden_act: 'toString' }, /toString/],
    ['relative positions', { position_embedding_type: 'relative_key' }, /relative_key/],
    ['a decoder', { is_decoder: true }, /is_decoder/],
    ['padding outside the vocabulary', { pad_token_id: 60000 }, /pad_token_id/],
    ['no room for a token', { max_position_embeddings: 2 }, /positions/],
    ['a zero layer-norm epsilon', { layer_norm_eps: 0 }, /layer_norm_eps/],
    ['a key in another case', { Hidden_act: 'relu' }, /"Hidden_act", expected "hidden_act"/],
    ['a million layers', { num_hidden_layers: 1_000_000 }, /num_hidden_layers/],
    [
      'more layers than it says',
      { model_type: 'albert', num_hidden_layers: 4096, inner_group_num: 4096 },
      /16777216 layers/,
    ],
  ])('with %s is refused', (_, change, message) => {
    expect(() => parseModelConfig({ ...roberta, ...change })).toThrow(ModelConfigError);
    expect(() => parseModelConfig({ ...roberta, ...change })).toThrow(message);
  });

  it('that is missing, or not JSON, is a typed error', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-config-'));
    await expect(readModelConfig(directory)).rejects.toThrow(ModelConfigError);
    await writeFile(join(directory, 'config.json'), '');
    await expect(readModelConfig(directory)).rejects.toThrow(StrayContentError);
    for (const bytes of ['{', 'null', '[1]', Uint8Array.of(0xff, 0xfe)]) {
      await writeFile(join(directory, 'config.json'), bytes);
      await expect(readModelConfig(directory)).rejects.toThrow(ModelConfigError);
    }
    await rm(directory, { recursive: true });
  });

  it('with any bytes changed gives stages or a typed error', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-config-'));
    const seeds = architectureNames.map((name) => readFileSync(join(architectureRoot, name, 'config.json')));
    const edit = fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255));
    const digits = fc.tuple(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 48, max: 57 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(fc.oneof(edit, digits), { minLength: 1, maxLength: 5 }),
        async (seed, edits) => {
          const bytes = Uint8Array.from(seed);
          for (const [where, byte] of edits) bytes[Math.floor(where * bytes.length)] = byte;
          await writeFile(join(directory, 'config.json'), bytes);
          try {
            // What a model directory is asked for before its weights are opened.
            expect(parametersOf(await readModelConfig(directory)).size).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(NtkLensError);
          }
        },
      ),
      { numRuns: 300 },
    );
    await rm(directory, { recursive: true });
  });

  it('fuzzed gives a config or a typed error', () => {
    const field = fc.constantFrom(
      ...Object.keys(roberta),
      'hidden_act',
      'num_hidden_groups',
      'n_inner',
      '__proto__',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(1e308, -1, 0, 2 ** 53, 'bert', 'albert', 'gpt2', 'gelu'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 3 }), (changes) => {
        try {
          parseModelConfig({ ...roberta, ...Object.fromEntries(changes) });
        } catch (error) {
          expect(error).toBeInstanceOf(NtkLensError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
