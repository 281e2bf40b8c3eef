import { readFileSync } from 'node:fs';
import { encodeSafetensors, safetensorsFrom } from '@ntk-lens/checkpoints';
import { type NDArray, NtkLensError, ndarray } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { buildStages } from './architectures/build-stages.js';
import { nameRulesOf } from './architectures/name-rules.js';
import { parametersOf } from './architectures/parameters-of.js';
import type { ModelConfig } from './architectures/registry.js';
import { parseModelConfig } from './config/parse-model-config.js';
import { type LanguageModel, modelFrom } from './language-model.js';
import { loadModel } from './node/load-model.js';
import { architectureCase, architectureNames } from './testing/architecture-cases.js';

/** They call parameters alike: such a configuration is taken for one of them where the networks are equal, or refused. */
const relativesOfLlama: readonly string[] = [
  ...['gemma2', 'gemma3_text', 'llama', 'mistral', 'olmo2', 'qwen2', 'qwen3'],
];

type Tensors = ReadonlyMap<string, NDArray<'float32'>>;

/** A fixture's configuration, its weights under transformers' names, and the model made of them. */
const modelOf = async (name: string) => {
  const { directory } = architectureCase(name);
  const json = JSON.parse(readFileSync(`${directory}/config.json`, 'utf8')) as Record<string, unknown>;
  const config = parseModelConfig(json);
  const model = await loadModel(directory);
  const { decoderWeight, wordEmbeddings } = nameRulesOf(config);
  const tensors = new Map<string, NDArray<'float32'>>();
  for (const parameter of model.parameters.keys())
    if (!config.tieWordEmbeddings || parameter !== decoderWeight)
      tensors.set(parameter, await model.read(parameter));
  await model.close();
  return { json, config, tensors, decoderWeight, wordEmbeddings };
};

const sourceOf = (tensors: Tensors) => safetensorsFrom(encodeSafetensors(tensors));

const renamed = (tensors: Tensors, change: (name: string) => string): Tensors =>
  new Map([...tensors].map(([name, array]) => [change(name), array]));

/** The same parameters, read from files that call them otherwise. */
const expectSame = async (config: ReturnType<typeof parseModelConfig>, tensors: Tensors, files: Tensors) => {
  const expected = await modelFrom(config, await sourceOf(tensors));
  const found = await modelFrom(config, await sourceOf(files));
  for (const parameter of expected.parameters.keys())
    expect(await found.read(parameter)).toEqual(await expected.read(parameter));
};

const cases = await Promise.all(architectureNames.map(async (name) => ({ name, ...(await modelOf(name)) })));
const tiedCases = cases.filter(({ config }) => config.tieWordEmbeddings);

test.each(sampled(tiedCases, 4))(
  'a tied table of $name is found under either name, and under both where they agree',
  async ({ config, tensors, decoderWeight, wordEmbeddings }) => {
    const underDecoder = renamed(tensors, (name) => (name === wordEmbeddings ? decoderWeight : name));
    await expectSame(config, tensors, underDecoder);
    const table = tensors.get(wordEmbeddings)!;
    const both = new Map([...tensors, [decoderWeight, table]]);
    await expectSame(config, tensors, both);
    const other = { ...table, data: table.data.map((value, i) => (i === 5 ? value + 1 : value)) };
    const differing = await sourceOf(new Map([...tensors, [decoderWeight, other]]));
    await expect(modelFrom(config, differing)).rejects.toMatchObject({
      code: 'DIFFERENT_COPIES',
      message: expect.stringMatching(/tie_word_embeddings": false/),
    });
    const [rows, width] = table.shape as [number, number];
    const smaller = ndarray<'float32'>(table.data.slice(width), [rows - 1, width]);
    const short = await sourceOf(new Map([...tensors, [decoderWeight, smaller]]));
    await expect(modelFrom(config, short)).rejects.toMatchObject({ code: 'WEIGHT_SHAPE' });
  },
);

/** All but those whose decoder is the word embeddings whatever the configuration says. */
const untiedCases = cases.filter(
  ({ json }) => !parseModelConfig({ ...json, tie_word_embeddings: false }).tieWordEmbeddings,
);

test.each(sampled(untiedCases, 4))(
  'without tying, $name lacks the table that is not stored, and keeps both where they differ',
  async ({ json, tensors, decoderWeight, wordEmbeddings }) => {
    const config = parseModelConfig({ ...json, tie_word_embeddings: false });
    const table = tensors.get(wordEmbeddings)!;
    const other = { ...table, data: table.data.map((value) => 2 * value) };
    const bias = [...tensors].find(
      ([name]) => name.endsWith('.bias') && tensors.get(name)!.shape[0] === table.shape[0],
    );
    const whole = new Map([...tensors, [decoderWeight, other]]);
    for (const name of parametersOf(config).keys()) if (!whole.has(name)) whole.set(name, bias![1]);
    const model = await modelFrom(config, await sourceOf(whole));
    expect(await model.read(decoderWeight)).toEqual(other);
    expect(await model.read(wordEmbeddings)).toEqual(table);
    for (const gone of [decoderWeight, wordEmbeddings]) {
      const rest = new Map([...whole].filter(([name]) => name !== gone));
      await expect(modelFrom(config, await sourceOf(rest))).rejects.toMatchObject({
        code: 'MISSING_WEIGHTS',
      });
    }
  },
);

describe.each(sampled(cases, 3))('tensors of $name', ({ json, config, tensors }) => {
  it.each(['module.', '_orig_mod.', 'model.', '_orig_mod.module.', 'encoder.0.'])(
    'are found behind the prefix %s of all or of some',
    async (prefix) => {
      await expectSame(
        config,
        tensors,
        renamed(tensors, (name) => `${prefix}${name}`),
      );
      const { base } = nameRulesOf(config);
      await expectSame(
        config,
        tensors,
        renamed(tensors, (name) => (name.startsWith(base) ? `${prefix}${name}` : name)),
      );
    },
  );

  it('behind two prefixes are two models, and not chosen from', async () => {
    const two = new Map(
      ['student.', 'teacher.'].flatMap((prefix) => [...renamed(tensors, (name) => `${prefix}${name}`)]),
    );
    await expect(modelFrom(config, await sourceOf(two))).rejects.toMatchObject({
      code: 'MISSING_WEIGHTS',
      message: expect.stringMatching(/behind "student\." and "teacher\."/),
    });
  });

  it('behind a prefix without the head are pointed out', async () => {
    const { base } = nameRulesOf(config);
    const body = new Map([...tensors].filter(([name]) => name.startsWith(base)));
    if (body.size === tensors.size) return;
    const prefixed = renamed(body, (name) => `module.${name}`);
    await expect(modelFrom(config, await sourceOf(prefixed))).rejects.toMatchObject({
      code: 'MISSING_WEIGHTS',
      message: expect.stringMatching(/behind "module\.", but without that prefix/),
    });
  });

  it('tell the architecture of a configuration that does not', async () => {
    const { model_type: _, architectures: __, ...untold } = json;
    const source = await sourceOf(tensors);
    if (relativesOfLlama.includes(config.modelType)) {
      const identities = (of: ModelConfig) => buildStages(of, [0]).map(({ identity }) => identity);
      try {
        const same = parseModelConfig(untold, 'config.json', source);
        expect(identities(same)).toEqual(identities(config));
      } catch (error) {
        expect(String(error)).toMatch(/Add "model_type"/);
      }
      return;
    }
    const { modelType, architectures: ___, ...found } = parseModelConfig(untold, 'config.json', source);
    const { modelType: expected, architectures: ____, ...rest } = config;
    expect(found).toEqual(rest);
    // Both are one network under one set of names.
    expect(modelType).toBe(expected.replace('xlm-', ''));
    expect(() => parseModelConfig(untold)).toThrow(/Add "model_type"/);
    const other = await sourceOf(renamed(tensors, (name) => name.replace('.', '_')));
    expect(() => parseModelConfig(untold, 'config.json', other)).toThrow(/Add "model_type"/);
  });
});

test('a configuration of another name for RoBERTa is read, and keeps its name', async () => {
  const { json, tensors } = cases.find(({ name }) => name === 'roberta')!;
  const { architectures: _, ...rest } = json;
  const config = parseModelConfig({ ...rest, model_type: 'camembert' });
  await expectSame(config, tensors, tensors);
  expect(
    parseModelConfig({ ...json, model_type: undefined, architectures: ['CamembertForMaskedLM'] }),
  ).toEqual({
    ...config,
    architectures: ['CamembertForMaskedLM'],
  });
});

test('tensors that are renamed, copied, changed or left out are read as they were, or refused by name', async () => {
  const edit = fc.record({
    which: fc.nat(),
    name: fc.constantFrom<(name: string) => string>(
      (name) => name,
      (name) => `module.${name}`,
      (name) => name.replace(/^[a-z]+\./, ''),
      (name) => name.replace(/weight$/, 'gamma').replace(/bias$/, 'beta'),
      (name) => name.replace('decoder.bias', 'bias'),
      (name) => `${name}.old`,
    ),
    keep: fc.boolean(),
    change: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(cases.length - 1),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      async (index, edits) => {
        const { config, tensors, decoderWeight } = cases[index]!;
        const files = new Map(tensors);
        for (const { which, name, keep, change } of edits) {
          const names = [...tensors.keys(), decoderWeight];
          const from = names[which % names.length]!;
          const array = tensors.get(from) ?? tensors.get(names[0]!)!;
          if (!keep) files.delete(from);
          if (!files.has(name(from)))
            files.set(
              name(from),
              change
                ? ndarray<'float32'>(
                    array.data.map((x) => x + 1),
                    array.shape,
                  )
                : array,
            );
        }
        const whole = await modelFrom(config, await sourceOf(tensors));
        const model = await modelFrom(config, await sourceOf(files)).catch((error: unknown) => error);
        if (model instanceof Error) {
          expect(model).toBeInstanceOf(NtkLensError);
          return;
        }
        const found = model as LanguageModel;
        for (const parameter of whole.parameters.keys()) {
          const { data } = await found.read(parameter);
          const { data: expected } = await whole.read(parameter);
          // What was left out and is there under another name with other numbers is those numbers.
          if (!data.every((value, i) => value === expected[i]))
            expect(data.every((value, i) => value === Math.fround(expected[i]! + 1))).toBe(true);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a newer head of DeBERTa is found under a configuration that names the older one', async () => {
  const { json, config, tensors } = cases.find(({ name }) => name === 'deberta-v2')!;
  const { legacy, ...untold } = json;
  expect(legacy).toBe(false);
  const expected = await modelFrom(config, await sourceOf(tensors));
  const found = await modelFrom(parseModelConfig(untold), await sourceOf(tensors));
  expect(await found.read('cls.predictions.transform.dense.weight')).toEqual(
    await expected.read('lm_predictions.lm_head.dense.weight'),
  );
  expect(await found.read('cls.predictions.bias')).toEqual(
    await expected.read('lm_predictions.lm_head.bias'),
  );
  expect(await found.read('cls.predictions.decoder.weight')).toEqual(
    await expected.read('deberta.embeddings.word_embeddings.weight'),
  );
});
