import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSafetensors, writeSafetensors, writeTorchFile } from '@ntk-lens/checkpoints';
import { fileListName, type NDArray, NtkLensError } from '@ntk-lens/core';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSpace } from '../node/parse-space.js';
import { adapterSpace } from '../node/peft/adapter-space.js';
import { readAdapter } from '../node/peft/read-adapter.js';
import { writeAdapter } from '../node/peft/write-adapter.js';
import { adapterCase, tinyModel } from '../testing/adapter-cases.js';
import { AdapterConfigError, AdapterMismatchError, UnsupportedAdapterError } from './errors.js';

let model: LanguageModel;
let directory: string;
beforeAll(async () => {
  model = await loadModel(tinyModel('roberta'));
  directory = await mkdtemp(join(tmpdir(), 'ntk-lens-bad-adapters-'));
});
afterAll(async () => {
  await model.close();
  await rm(directory, { recursive: true });
});

type Tensors = Map<string, NDArray<'float32'>>;

/** An adapter of PEFT's with changes. */
const changed = async (
  name: string,
  config: Readonly<Record<string, unknown>>,
  change: (tensors: Tensors) => void = () => undefined,
): Promise<string> => {
  const from = adapterCase(name).directory;
  const stored = JSON.parse(await readFile(join(from, 'adapter_config.json'), 'utf8')) as object;
  await writeFile(join(directory, 'adapter_config.json'), JSON.stringify({ ...stored, ...config }));
  const file = await openSafetensors(join(from, 'adapter_model.safetensors'));
  const tensors: Tensors = new Map();
  for (const tensor of file.names) tensors.set(tensor, await file.read(tensor));
  await file.close();
  change(tensors);
  await writeSafetensors(join(directory, 'adapter_model.safetensors'), tensors);
  // Other programs list no hashes.
  await rm(join(directory, fileListName), { force: true });
  return directory;
};

const query = 'base_model.model.roberta.encoder.layer.0.attention.self.query';

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ['roberta-lora', { use_dora: true }, /"use_dora": true, which is not supported/],
  ['roberta-lora', { rank_pattern: { query: 4 } }, /rank_pattern/],
  ['roberta-lora', { bias: 'all' }, /"bias": "all"/],
  ['roberta-lora', { modules_to_save: ['classifier'] }, /modules_to_save/],
  ['roberta-lora', { init_lora_weights: 'pissa' }, /pissa/],
  ['roberta-lora', { peft_type: 'LOHA' }, /the type "LOHA".*LORA, IA3, PROMPT_TUNING, PREFIX_TUNING/],
])('%s with %j is refused by name', async (name, config, message) => {
  const promise = readAdapter(await changed(name, config), model);
  await expect(promise).rejects.toThrow(UnsupportedAdapterError);
  await expect(promise).rejects.toThrow(message);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ['roberta-lora', { r: 'three' }, /"three" for "r", expected a positive integer/],
  ['roberta-lora', { lora_alpha: null }, /"lora_alpha", expected a number/],
  [
    'roberta-lora',
    { Use_rslora: true, use_rslora: undefined },
    /the key "Use_rslora", expected "use_rslora"/,
  ],
  ['roberta-lora', { peft_type: undefined }, /nothing for "peft_type"/],
  ['roberta-prompt', { num_virtual_tokens: 0 }, /num_virtual_tokens/],
])('%s with %j is a configuration that is not understood', async (name, config, message) => {
  const promise = readAdapter(await changed(name, config), model);
  await expect(promise).rejects.toThrow(AdapterConfigError);
  await expect(promise).rejects.toThrow(message);
});

test.each<[string, Readonly<Record<string, unknown>>, (tensors: Tensors) => void, RegExp]>([
  [
    'roberta-lora',
    { r: 4 },
    () => undefined,
    /tensor "roberta.encoder.layer.0.*lora_[AB].weight": found shape/,
  ],
  [
    'roberta-lora',
    {},
    (t) => t.delete(`${query}.lora_B.weight`),
    /query.lora_B.weight": found none, expected both/,
  ],
  [
    'roberta-lora',
    {},
    (t) =>
      t.set('base_model.model.roberta.encoder.layer.7.x.lora_A.weight', t.get(`${query}.lora_A.weight`)!),
    /tensor "base_model.model.roberta.encoder.layer.7.x.lora_A.weight": found a module/,
  ],
  [
    'roberta-prompt',
    { num_virtual_tokens: 6 },
    () => undefined,
    /"prompt_embeddings": found shape \[5,24\], expected \[6,24\]/,
  ],
  ['roberta-prefix', { num_virtual_tokens: 6 }, () => undefined, /"prompt_embeddings": found shape/],
])('%s with %j: the tensor that does not fit is named', async (name, config, change, message) => {
  const promise = readAdapter(await changed(name, config, change), model);
  await expect(promise).rejects.toThrow(AdapterMismatchError);
  await expect(promise).rejects.toThrow(message);
});

test('adapters of another architecture or base are refused', async () => {
  await expect(readAdapter(adapterCase('gpt2-lora').directory, model)).rejects.toThrow(
    /tensor "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight".*another model/,
  );
  await writeAdapter(directory, await parseSpace('lora:r=2').apply(model));
  await expect(readAdapter(directory, model)).resolves.toBeDefined();
  const merged = await model.read('lm_head.bias');
  const other = (await parseSpace('full').apply(model)).at(
    new Map([['lm_head.bias', { ...merged, data: merged.data.map((x) => x + 1) }]]),
  );
  await expect(readAdapter(directory, other)).rejects.toThrow(AdapterMismatchError);
  await expect(readAdapter(join(directory, 'absent'), model)).rejects.toThrow(NtkLensError);
});

test('configurations of any JSON, or of none, end in an adapter or a typed error', async () => {
  await changed('roberta-lora', {});
  const keys = [
    'peft_type',
    'r',
    'lora_alpha',
    'lora_dropout',
    'target_modules',
    'use_rslora',
    'bias',
    'num_virtual_tokens',
  ];
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('LORA', 'IA3', 'PROMPT_TUNING', 'PREFIX_TUNING', 3, 5),
  );
  const config = fc.oneof(
    fc.string(),
    fc.jsonValue().map((json) => JSON.stringify(json)),
    fc.dictionary(fc.constantFrom(...keys), value).map((json) => JSON.stringify(json)),
  );
  await fc.assert(
    fc.asyncProperty(config, async (text) => {
      await writeFile(join(directory, 'adapter_config.json'), text);
      try {
        await readAdapter(directory, model);
      } catch (error) {
        expect(error).toBeInstanceOf(NtkLensError);
      }
    }),
    { numRuns: 200 },
  );
});

describe('an adapter that another program made', () => {
  const logitsOf = async (from: string) => {
    const adapted = await readAdapter(from, model);
    return Promise.all([...adapted.trainable.keys()].map(async (name) => (await adapted.read(name)).data));
  };

  test('as a torch file is read as its safetensors twin is, and nothing in it is run', async () => {
    const from = await changed('roberta-lora', {});
    const expected = await logitsOf(from);
    const file = await openSafetensors(join(from, 'adapter_model.safetensors'));
    const tensors = new Map<string, NDArray>();
    for (const name of file.names) tensors.set(name, await file.read(name));
    await file.close();
    await rm(join(from, 'adapter_model.safetensors'));
    await writeTorchFile(join(from, 'adapter_model.bin'), tensors);
    expect(await logitsOf(from)).toEqual(expected);
    expect((await adapterSpace({ directory: from }).apply(model)).trainable.size).toBeGreaterThan(0);
    const malicious = new URL('../../../checkpoints/fixtures/malicious/os-system.2.pt', import.meta.url);
    await copyFile(malicious, join(from, 'adapter_model.bin'));
    await expect(readAdapter(from, model)).rejects.toMatchObject({ code: 'PICKLE_REFUSED' });
    await rm(join(from, 'adapter_model.bin'));
    await expect(readAdapter(from, model)).rejects.toThrow(
      /no adapter_model.safetensors or adapter_model.bin/,
    );
  });

  test.each(['roberta.pooler.dense', 'pooler.dense'])(
    'for %s, which the logits do not depend on, works without it; for an unknown module it is refused by name',
    async (module) => {
      const expected = await logitsOf(await changed('roberta-lora', {}));
      const extra = (name: string) => (tensors: Tensors) => {
        const [a, b] = ['lora_A', 'lora_B'].map(
          (part) => [...tensors].find(([tensor]) => tensor.endsWith(`query.${part}.weight`))![1],
        );
        tensors.set(`base_model.model.${name}.lora_A.weight`, a!);
        tensors.set(`base_model.model.${name}.lora_B.weight`, b!);
      };
      expect(await logitsOf(await changed('roberta-lora', {}, extra(module)))).toEqual(expected);
      const unknown = readAdapter(await changed('roberta-lora', {}, extra('classifier.dense')), model);
      await expect(unknown).rejects.toMatchObject({
        code: 'ADAPTER_MISMATCH',
        message: expect.stringContaining('a module "classifier.dense"'),
      });
    },
  );

  test('with layers chosen by number or pattern has the modules that its tensors name', async () => {
    const onlyFirst = (tensors: Tensors) => {
      for (const name of [...tensors.keys()]) if (!name.includes('.layer.1.')) tensors.delete(name);
    };
    const rest = { use_rslora: true, layers_to_transform: [1], layers_pattern: 'layer' };
    const adapted = await readAdapter(await changed('roberta-lora', rest, onlyFirst), model);
    expect(adapted.trainable.size).toBeGreaterThan(0);
    expect([...adapted.trainable.keys()].every((name) => name.includes('.layer.1.'))).toBe(true);
  });

  test.each([
    ['use_dora', true],
    ['rank_pattern', { query: 4 }],
    ['alpha_pattern', { 'layer.0.*': 4 }],
    ['layer_replication', [[0, 2]]],
    ['trainable_token_indices', [1]],
  ])('with %s is refused by name', async (option, value) => {
    await expect(
      readAdapter(await changed('roberta-lora', { [option]: value }), model),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED_ADAPTER',
      message: expect.stringContaining(option),
    });
  });
});
