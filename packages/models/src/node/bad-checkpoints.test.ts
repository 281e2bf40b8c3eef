import { cpSync, readFileSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, openWeights, resolveModel } from '@ntk-lens/checkpoints';
import { type NDArray, sizeOf } from '@ntk-lens/core';
import { startHub } from '@ntk-lens/testing/hub-server';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it, test } from 'vitest';
import { nameRulesOf } from '../architectures/name-rules.js';
import { parametersOf } from '../architectures/parameters-of.js';
import { parseModelConfig } from '../config/parse-model-config.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { loadModel } from './load-model.js';
import { loadableModel } from './loadable-model.js';

type Config = Readonly<Record<string, unknown>>;
type Tensors = Map<string, NDArray<'float32'>>;
type DType = 'F32' | 'BF16' | 'F16' | 'I8' | 'U8';

const configOf = (name: string): Config =>
  JSON.parse(readFileSync(join(architectureCase(name).directory, 'config.json'), 'utf8'));

const tensorsOf = async (name: string): Promise<Tensors> => {
  const source = await openWeights(architectureCase(name).directory);
  const tensors: Tensors = new Map();
  // Buffers of integers are no weights.
  for (const tensor of source.names)
    if (['F32', 'BF16'].includes(source.info(tensor).dtype)) tensors.set(tensor, await source.read(tensor));
  await source.close();
  return tensors;
};

const bytesPer = { F32: 4, BF16: 2, F16: 2, I8: 1, U8: 1 } as const;

/** A safetensors file; numbers keep the upper half of their bits in BF16, and integers are zeros. */
const fileOf = (tensors: Tensors, typeOf: (name: string) => DType): Uint8Array => {
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { data, shape }] of tensors) {
    const dtype = typeOf(name);
    const end = offset + sizeOf(shape) * bytesPer[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    const part = Buffer.alloc(end - offset);
    if (dtype === 'F32') part.set(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    if (dtype === 'BF16') {
      const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
      for (const [i, value] of bits.entries()) part.writeUInt16LE(value >>> 16, 2 * i);
    }
    parts.push(part);
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
};

/** A model directory of these files. */
const directoryOf = async (config: Config, files: Readonly<Record<string, string | Uint8Array>>) => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
};

const refused = async (directory: string) => {
  const error = await loadModel(directory).then(
    () => undefined,
    (thrown: { code?: string; message: string }) => thrown,
  );
  return { code: error?.code, message: error?.message ?? 'loaded' };
};

const quantizations: readonly (readonly [unknown, RegExp])[] = [
  [{ quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' }, /bitsandbytes, 4 bits/],
  [{ load_in_8bit: true }, /bitsandbytes, 8 bits/],
  [{ quant_method: 'gptq', bits: 4, group_size: 128 }, /gptq, 4 bits/],
  [{ quant_method: 'awq', bits: 4, version: 'gemm' }, /awq, 4 bits/],
  [{ quant_method: 'compressed-tensors', format: 'pack-quantized' }, /compressed-tensors/],
  [{ quant_method: 'fp8', weight_block_size: [128, 128] }, /fp8/],
  [{ quant_method: 'mxfp4', modules_to_not_convert: [] }, /mxfp4/],
  [{ quant_method: 'of-tomorrow' }, /of-tomorrow/],
  [{}, /a method that is not named/],
  ['yes', /yes/],
];

test.each(quantizations)(
  'quantization_config %j is refused by name before weights are looked at',
  async (value, text) => {
    const [name] = sampled(architectureNames, 1);
    const directory = await directoryOf({ ...configOf(name!), quantization_config: value }, {});
    const { code, message } = await refused(directory);
    expect(code).toBe('QUANTIZED_MODEL');
    expect(message).toMatch(text);
    expect(message).toMatch(/expected weights in float32.*Use the model before it was quantized/);
  },
);

test('a configuration without a quantization is none', () => {
  const [name] = sampled(architectureNames, 1);
  for (const torch_dtype of ['bfloat16', 'torch.float16', 'auto', null])
    expect(
      parseModelConfig({ ...configOf(name!), quantization_config: null, torch_dtype, dtype: torch_dtype }),
    ).toEqual(parseModelConfig(configOf(name!)));
});

describe.each(sampled(architectureNames, 2))('weights of %s', (name) => {
  it.each([
    ['qweight', /GPTQ/],
    ['weight.absmax', /bitsandbytes, 4/],
    ['SCB', /bitsandbytes, 8/],
    ['weight_packed', /compressed-tensors/],
    ['weight_scale_inv', /FP8/],
  ])('that hold %s are refused as quantized, without a configuration that says so', async (end, text) => {
    const tensors = await tensorsOf(name);
    const [first, array] = [...tensors][2]!;
    tensors.set(`${first.replace(/\.[^.]*$/, '')}.${end}`, array);
    const { code, message } = await refused(
      await directoryOf(configOf(name), { 'model.safetensors': fileOf(tensors, () => 'F32') }),
    );
    expect({ code, message }).toEqual({ code: 'QUANTIZED_MODEL', message: expect.stringMatching(text) });
  });

  it.each(['I8', 'U8'] as const)(
    'in %s are refused as quantized, and one of them is named',
    async (dtype) => {
      const tensors = await tensorsOf(name);
      // Files may leave out the base model's prefix.
      const table = nameRulesOf(parseModelConfig(configOf(name))).wordEmbeddings.replace(/^\w+\./, '');
      const file = fileOf(tensors, (tensor) => (tensor.endsWith(table) ? dtype : 'F32'));
      const { code, message } = await refused(
        await directoryOf(configOf(name), { 'model.safetensors': file }),
      );
      expect({ code, message }).toEqual({
        code: 'QUANTIZED_MODEL',
        message: expect.stringContaining(`${table}" in integers of type ${dtype}`),
      });
    },
  );

  it('in float8 are refused by type', async () => {
    const file = Buffer.from(fileOf(await tensorsOf(name), (_, i = 0) => (i === 0 ? 'I8' : 'F32')));
    const json = file.toString('latin1').replaceAll('"I8"', '"F8_E4M3"');
    const grown = Buffer.from(json, 'latin1');
    grown.writeBigUInt64LE(grown.readBigUInt64LE() + BigInt(grown.length - file.length));
    const { code, message } = await refused(
      await directoryOf(configOf(name), { 'model.safetensors': grown }),
    );
    expect({ code, message }).toEqual({
      code: 'UNSUPPORTED_DTYPE',
      message: expect.stringMatching(/F8_E4M3.*Use the model before it was quantized/),
    });
  });

  it('that are sharded, in bfloat16 and float32, and stored twice with equal numbers load', async () => {
    const tensors = await tensorsOf(name);
    const names = [...tensors.keys()];
    const half = (tensor: string) => names.indexOf(tensor) < names.length / 2;
    const rounded = new Map(
      [...tensors].map(([tensor, { data, shape }]) => {
        const bits = new Uint32Array(Float32Array.from(data).buffer).map((value) => (value >>> 16) << 16);
        return [tensor, { dtype: 'float32' as const, shape, data: new Float32Array(bits.buffer) }];
      }),
    );
    const copy = names.at(-1)!;
    const first = new Map([...rounded].filter(([tensor]) => half(tensor) || tensor === copy));
    const second = new Map([...rounded].filter(([tensor]) => !half(tensor)));
    const map = names.map((tensor) => [tensor, half(tensor) ? 'model-1.safetensors' : 'model-2.safetensors']);
    const directory = await directoryOf(
      { ...configOf(name), torch_dtype: 'bfloat16' },
      {
        'model.safetensors.index.json': JSON.stringify({ weight_map: Object.fromEntries(map) }),
        'model-1.safetensors': fileOf(first, () => 'BF16'),
        'model-2.safetensors': fileOf(second, () => 'F32'),
      },
    );
    const model = await loadModel(directory);
    for (const parameter of model.parameters.keys())
      expect((await model.read(parameter)).data).toEqual(rounded.get(model.storedName(parameter))!.data);
    await model.close();
    const { data, ...rest } = rounded.get(copy)!;
    const other = new Map([...first, [copy, { ...rest, data: data.map((x) => x + 1) }]]);
    await writeFile(
      join(directory, 'model-1.safetensors'),
      fileOf(other, () => 'F32'),
    );
    expect(await refused(directory)).toEqual({
      code: 'DIFFERENT_COPIES',
      message: expect.stringContaining(
        `"${copy}" in model-2.safetensors and the same in model-1.safetensors`,
      ),
    });
  });

  it('that a field of config.json contradicts are refused with tensor, shapes and field', async () => {
    const json = configOf(name);
    const shapes = (config: Config) => JSON.stringify([...parametersOf(parseModelConfig(config))]);
    const named = (config: Config) => [...parametersOf(parseModelConfig(config)).keys()].join();
    const file = fileOf(await tensorsOf(name), () => 'F32');
    const [own, ownNames] = [shapes(json), named(json)];
    const isContradiction = (changed: Config): boolean => {
      try {
        return shapes(changed) !== own && named(changed) === ownNames;
      } catch {
        // The other fields do not allow this value.
        return false;
      }
    };
    const contradictions = Object.entries(json).flatMap(([field, value]) =>
      // Some fields have -1 for a default.
      Number.isSafeInteger(value) && Number(value) > 0
        ? [Number(value) + 3, 2 * Number(value)]
            .filter((other) => isContradiction({ ...json, [field]: other }))
            .map((other) => ({ field, value, other }))
        : [],
    );
    expect(contradictions.length).toBeGreaterThan(2);
    for (const { field, value, other } of sampled(contradictions, 3)) {
      const directory = await directoryOf({ ...json, [field]: other }, { 'model.safetensors': file });
      const { code, message } = await refused(directory);
      expect(code).toBe('WEIGHT_SHAPE');
      expect(message).toMatch(/"[\w.]+" is \[.*\], expected \[/);
      expect(message).toContain(`says "${field}": ${other}, and the weights are of ${value}`);
    }
  });
});

test('more or fewer layers than config.json says are refused with the field and a tensor', async () => {
  for (const [name, field] of [
    ['bert', 'num_hidden_layers'],
    ['gpt2', 'n_layer'],
  ] as const) {
    const json = configOf(name);
    const layers = Number(json[field]);
    for (const [other, code, text] of [
      [layers + 1, 'MISSING_WEIGHTS', new RegExp(`lack .*\\.${layers}\\.`)],
      [layers - 1, 'UNUSED_LAYERS', new RegExp(`\\.${layers - 1}\\..* among them`)],
    ] as const) {
      const directory = await directoryOf({ ...json, [field]: other }, {});
      cpSync(
        join(architectureCase(name).directory, 'model.safetensors'),
        join(directory, 'model.safetensors'),
      );
      const found = await refused(directory);
      expect(found).toEqual({ code, message: expect.stringMatching(text) });
      expect(found.message).toContain(
        `config.json says "${field}": ${other}, and the weights are of ${layers}.`,
      );
    }
  }
});

test('an untied decoder that is not stored, and a tensor that the index leaves out, are told', async () => {
  const json = configOf('gpt2');
  const { decoderWeight } = nameRulesOf(parseModelConfig(json));
  const tensors = await tensorsOf('gpt2');
  tensors.delete(decoderWeight);
  const untied = await directoryOf(
    { ...json, tie_word_embeddings: false },
    { 'model.safetensors': encodeSafetensors(tensors) },
  );
  expect((await refused(untied)).message).toMatch(
    /decoder is a tensor of its own.*"tie_word_embeddings": true/,
  );
  const [left] = tensors.keys();
  const map = [...tensors.keys()]
    .filter((name) => name !== left)
    .map((name) => [name, 'model-1.safetensors']);
  const sharded = await directoryOf(json, {
    'model.safetensors.index.json': JSON.stringify({ weight_map: Object.fromEntries(map) }),
    'model-1.safetensors': encodeSafetensors(tensors),
  });
  expect((await refused(sharded)).message).toMatch(
    /is in model-1\.safetensors, but the index of the shards does not name it/,
  );
});

describe('on the Hub', () => {
  const tokenizer = readFileSync(new URL('../../../minilm-mlm/model/tokenizer.json', import.meta.url));
  const resolved = async (files: Readonly<Record<string, string | Uint8Array>>) => {
    const all = Object.entries({ 'tokenizer.json': tokenizer, ...files });
    const hub = await startHub(
      'org/m',
      new Map(
        all.map(([name, content]) => [name, typeof content === 'string' ? Buffer.from(content) : content]),
      ),
      (name) => /safetensors$/.test(name),
    );
    const cacheDir = await temporaryDirectory();
    const options = { cacheDir, endpoint: hub.endpoint, check: loadableModel };
    const code = await resolveModel('org/m', options).then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );
    await hub.close();
    const sizes = await Promise.all(
      (await readdir(cacheDir, { recursive: true })).map(
        async (name) => (await stat(join(cacheDir, name))).size,
      ),
    );
    await rm(cacheDir, { recursive: true });
    const weights = hub.requests.filter((path) => /\.safetensors$/.test(path));
    return { code, weights, largest: Math.max(...sizes) };
  };
  const map = (names: readonly string[]) =>
    JSON.stringify({
      weight_map: Object.fromEntries(names.map((name, i) => [name, `model-${i}.safetensors`])),
    });

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    [
      'a quantized model',
      {
        'config.json': JSON.stringify({ ...configOf('bert'), quantization_config: { quant_method: 'gptq' } }),
        'model.safetensors': 'x',
      },
      'QUANTIZED_MODEL',
    ],
    [
      'a quantized model whose kind no file tells',
      { 'config.json': '{"quantization_config":{}}', 'model.safetensors': 'x' },
      'QUANTIZED_MODEL',
    ],
    [
      'an index of quantized tensors',
      {
        'config.json': JSON.stringify(configOf('bert')),
        'model.safetensors.index.json': map(['a.qweight', 'a.scales']),
        'model-0.safetensors': 'x',
        'model-1.safetensors': 'x',
      },
      'QUANTIZED_MODEL',
    ],
    [
      'an index with a missing shard',
      {
        'config.json': JSON.stringify(configOf('bert')),
        'model.safetensors.index.json': map(['a', 'b']),
        'model-0.safetensors': 'x',
      },
      'MISSING_SHARDS',
    ],
  ])('%s is refused before weights are asked for', async (_, files, code) => {
    expect(await resolved(files)).toMatchObject({ code, weights: [] });
  });

  it('weights that cannot be used are refused by their header, and the rest is not downloaded', async () => {
    const json = configOf('bert');
    const tensors = await tensorsOf('bert');
    /** A file whose numbers are many more than the tokenizer's bytes. */
    const large = (name: string): Tensors => {
      const filler: NDArray<'float32'> = {
        dtype: 'float32',
        shape: [2 ** 19],
        data: new Float32Array(2 ** 19),
      };
      return new Map([...tensors, [name, filler]]);
    };
    const one = fileOf(large('filler'), () => 'F32');
    const index = (names: Iterable<string>) =>
      JSON.stringify({
        weight_map: Object.fromEntries([...names].map((name) => [name, 'model-1.safetensors'])),
      });
    const config = (change: Config) => JSON.stringify({ ...json, ...change });
    const sharded = {
      'model.safetensors.index.json': index(large('filler').keys()),
      'model-1.safetensors': one,
    };
    for (const [files, code] of [
      [
        { 'config.json': config({}), 'model.safetensors': fileOf(large('a.qweight'), () => 'F32') },
        'QUANTIZED_MODEL',
      ],
      [{ 'config.json': config({ vocab_size: 12 }), 'model.safetensors': one }, 'WEIGHT_SHAPE'],
      [{ 'config.json': config({ vocab_size: 12 }), ...sharded }, 'WEIGHT_SHAPE'],
      [{ 'config.json': config({ num_hidden_layers: 1 }), 'model.safetensors': one }, 'UNUSED_LAYERS'],
    ] as const) {
      const found = await resolved(files);
      expect(found.code).toBe(code);
      expect(found.largest).toBeLessThan(2 ** 20);
    }
    expect(await resolved({ 'config.json': config({ num_hidden_layers: 9 }), ...sharded })).toMatchObject({
      ...{ code: 'MISSING_WEIGHTS', weights: [] },
    });
    const whole = await resolved({ 'config.json': config({}), ...sharded });
    expect(whole).toMatchObject({ code: undefined, largest: one.length });
  });
});
