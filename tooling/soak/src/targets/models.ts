import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { safetensorsFrom } from '@ntk-lens/checkpoints';
import type { Random } from '@ntk-lens/core';
import { loadModel, modelTypes, parseModelConfig } from '@ntk-lens/models';
import { adapterFrom, parseSpace, spaceSyntaxes } from '@ntk-lens/subspace';
import {
  mutatedBytes,
  mutatedJson,
  mutatedJsonText,
  mutatedList,
  mutatedText,
  pick,
} from '@ntk-lens/testing/mutate';
import type { NetworkConfig } from '../../../../packages/models/src/architectures/network-config.js';
import { parametersOf } from '../../../../packages/models/src/architectures/parameters-of.js';
import { type FuzzTarget, fuzzTarget, mustBe } from '../fuzz/target.js';

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));
const architectures = `${packages}/models/fixtures/architectures`;
const adapters = `${packages}/subspace/fixtures/adapters`;

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const CONFIG_WORDS = [
  ...[
    'gelu',
    'gelu_new',
    'relu',
    'silu',
    'tanh',
    'absolute',
    'relative_key',
    'hidden_size',
    'num_hidden_layers',
  ],
  ...['vocab_size', 'tie_word_embeddings', 'is_decoder', 'BertForMaskedLM', 'GPT2LMHeadModel', ...modelTypes],
];
const ADAPTER_WORDS = [
  ...['LORA', 'IA3', 'PROMPT_TUNING', 'PREFIX_TUNING', 'query', 'value', 'r', 'lora_alpha', 'target_modules'],
  ...['bias', 'fan_in_fan_out', 'use_rslora', 'rank_pattern', 'modules_to_save', 'num_virtual_tokens'],
];
const SPACES = [
  ...['full', 'head', 'bitfit', 'lora:r=8,alpha=16,targets=query+value,dropout=0.1', 'lora:r=4,rslora=true'],
  ...['ia3', 'prefix:20', 'prefix:5,positions=shift', 'prompt:10', 'intrinsic:200,projection=dense'],
];

/** Beginnings of spaces, and arguments that each takes then. */
const ARGUMENTS: readonly (readonly [begin: string, own: readonly string[]])[] = [
  ['lora', ['r=8', 'alpha=4', 'targets=query', 'targets=query+value', 'dropout=0.1', 'rslora=true']],
  ['ia3', ['targets=key+value', 'targets=query', 'feedforward=output']],
  ['prefix:20', ['mlp=8', 'positions=keep', 'positions=shift', 'std=0.5']],
  ['prompt:7', ['init=normal']],
  ['intrinsic:100', ['projection=dense', 'projection=hadamard', 'said=true', 'exclude=*embed*']],
  ['full', ['include=*query*', 'exclude=*embed*', 'exclude=*.bias+*norm*']],
];

export const modelTargets: readonly FuzzTarget[] = [
  fuzzTarget('config.json', 250_000, () => {
    const seeds = readdirSync(architectures)
      .filter((name) => !name.includes('.'))
      .map((name) => read(`${architectures}/${name}/config.json`));
    return {
      make: (random) => mutatedJson(random, pick(random, seeds), CONFIG_WORDS),
      read: (value) => {
        const config = parseModelConfig(value);
        const { headSize = config.hiddenSize / config.heads, kvHeads = config.heads } =
          config as NetworkConfig;
        mustBe(config.layers > 0 && Number.isInteger(headSize), 'Heads have a size.');
        mustBe(config.heads % kvHeads === 0, 'Heads of queries share those of keys evenly.');
        // Names of a model of thousands of layers take their time, and say nothing new.
        if (config.layers > 64) return;
        for (const shape of parametersOf(config).values())
          mustBe(
            shape.every((size) => Number.isSafeInteger(size) && size > 0),
            'Shapes are positive.',
          );
      },
    };
  }),
  fuzzTarget('adapter', 12_000, async () => {
    const names = ['roberta-lora', 'roberta-ia3', 'roberta-prompt', 'roberta-prefix'];
    const seeds = names.map((name) => ({
      config: read(`${adapters}/${name}/adapter_config.json`),
      weights: readFileSync(`${adapters}/${name}/adapter_model.safetensors`),
    }));
    const model = await loadModel(`${architectures}/roberta`);
    return {
      make: (random) => {
        const { config, weights } = pick(random, seeds);
        if (random.interval(2) > 0)
          return { config: mutatedJsonText(random, config, ADAPTER_WORDS), weights };
        const header = { from: 0, to: 8 + Number(weights.readBigUInt64LE(0)) };
        return { config: JSON.stringify(config), weights: mutatedBytes(random, weights, header) };
      },
      read: async ({ config, weights }) => {
        const adapted = await adapterFrom({ config, weights: await safetensorsFrom(weights) }, model);
        mustBe(adapted.trainable.size > 0, 'An adapter has parameters.');
      },
    };
  }),
  fuzzTarget("spaces' syntax", 150_000, () => {
    const names = spaceSyntaxes.map(({ name }) => name);
    const all = ARGUMENTS.flatMap(([, own]) => own);
    /** A space with some of its own arguments, seldom with one of another. */
    const composed = (random: Random): string => {
      const [begin, own] = pick(random, ARGUMENTS);
      const some = mutatedList(random, [pick(random, own)], random.interval(5) === 0 ? all : own);
      const [first, ...rest] = random.interval(5) === 0 ? some : new Set(some);
      if (first === undefined) return begin;
      return `${begin}${begin.includes(':') ? ',' : ':'}${[first, ...rest].join(',')}`;
    };
    return {
      make: (random) => {
        const text = random.interval(2) > 0 ? composed(random) : pick(random, SPACES);
        return random.interval(2) > 0 ? text : mutatedText(random, text, [...names, ...all, ',', ':', '+']);
      },
      read: (text) => {
        const { spec } = parseSpace(text);
        mustBe(parseSpace(spec).spec === spec, 'The name of a space can be read again.');
      },
    };
  }),
];
