import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DifferentCopiesError,
  MissingShardsError,
  NoWeightsError,
  UnsafeShardNameError,
  WeightFileFormatError,
} from '../errors.js';
import { safetensorsBytes } from '../safetensors/testing/safetensors-bytes.js';
import { openWeights } from './open-weights.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ntk-lens-shards-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const f32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('sharded weights', () => {
  const shardDirectory = async (index: unknown): Promise<string> => {
    const made = await mkdtemp(join(directory, 'shards-'));
    await writeFile(
      join(made, 'model.safetensors.index.json'),
      typeof index === 'string' ? index : JSON.stringify(index),
    );
    await writeFile(join(made, 'model-1.safetensors'), safetensorsBytes([['a', 'F32', [1], f32(1)]]));
    await writeFile(join(made, 'model-2.safetensors'), safetensorsBytes([['b', 'F32', [1], f32(2)]]));
    return made;
  };

  it('read as one source', async () => {
    const source = await openWeights(
      await shardDirectory({
        metadata: {},
        weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' },
      }),
    );
    expect(source.names).toEqual(['a', 'b']);
    expect((await source.read('b')).data[0]).toBe(2);
    await source.close();
  });

  it.each(['../x.safetensors', '/etc/passwd', 'a/b', 'a\\b', 'C:x', '..', '', 'x\0y', '~/x', '\u2025/x'])(
    'refuse the shard name %j',
    async (name) => {
      await expect(openWeights(await shardDirectory({ weight_map: { a: name } }))).rejects.toThrow(
        UnsafeShardNameError,
      );
    },
  );

  it('refuse an index that misplaces a tensor, or is none', async () => {
    for (const index of [
      { weight_map: { b: 'model-1.safetensors' } },
      { weight_map: {} },
      { weight_map: ['a'] },
      { weight_map: { a: 3 } },
      '{"weight_map":{"a":"model-1.safetensors","a":"model-2.safetensors"}}',
      'null',
      '{',
    ]) {
      await expect(openWeights(await shardDirectory(index))).rejects.toThrow(WeightFileFormatError);
    }
  });

  const map = (a: string, b: string) => ({
    weight_map: { a: `model-${a}.safetensors`, b: `model-${b}.safetensors` },
  });
  const withShard = async (index: unknown, ...tensors: Parameters<typeof safetensorsBytes>[0]) => {
    const made = await shardDirectory(index);
    await writeFile(join(made, 'model-2.safetensors'), safetensorsBytes(tensors));
    return made;
  };

  it('are refused with the list of missing shards before one is opened', async () => {
    const made = await shardDirectory({
      weight_map: { a: 'model-1.safetensors', b: 'model-3.safetensors', c: 'model-4.safetensors' },
    });
    await writeFile(join(made, 'model-1.safetensors'), 'not read');
    await expect(openWeights(made)).rejects.toThrow(
      /names 3 shard.* 2 of them are missing: model-3\.safetensors, model-4\.safetensors\. Found model-1/,
    );
    await expect(openWeights(made)).rejects.toThrow(MissingShardsError);
    await rm(join(made, 'model.safetensors.index.json'));
    await writeFile(join(made, 'model-00001-of-00002.safetensors'), '');
    await expect(openWeights(made)).rejects.toThrow(/Shards need their index/);
  });

  it('are refused where the index places a tensor in another shard than it is in', async () => {
    await expect(openWeights(await shardDirectory(map('2', '2')))).rejects.toThrow(
      /"a" placed in model-2\.safetensors, but it is in none/,
    );
    await expect(openWeights(await shardDirectory(map('2', '1')))).rejects.toThrow(
      /"a" placed in model-2\.safetensors, but it is in model-1/,
    );
  });

  it('may hold one tensor twice if the numbers are equal, whatever their types', async () => {
    const bf16 = new Uint8Array(Uint16Array.from([0x3f80]).buffer);
    for (const copy of [['a', 'F32', [1], f32(1)] as const, ['a', 'BF16', [1], bf16] as const]) {
      const source = await openWeights(await withShard(map('1', '2'), ['b', 'F32', [1], f32(2)], copy));
      expect((await source.read('a')).data).toEqual(Float32Array.of(1));
      await source.close();
    }
    for (const copy of [['a', 'F32', [1], f32(3)] as const, ['a', 'F32', [2], f32(1, 1)] as const]) {
      const opened = openWeights(await withShard(map('1', '2'), ['b', 'F32', [1], f32(2)], copy));
      await expect(opened).rejects.toThrow(DifferentCopiesError);
      await expect(opened).rejects.toThrow(/"a" in model-1\.safetensors and the same in model-2/);
    }
  });

  it('say which tensors the index leaves out', async () => {
    const index = { weight_map: { a: 'model-1.safetensors', c: 'model-2.safetensors' } };
    const source = await openWeights(
      await withShard(index, ['b', 'F32', [1], f32(2)], ['c', 'F32', [1], f32(3)]),
    );
    expect(source.names).toEqual(['a', 'c']);
    expect(source.unlisted).toEqual(new Map([['b', 'model-2.safetensors']]));
    await source.close();
  });

  it('with a mutated index give tensors or a typed error', async () => {
    const valid = JSON.stringify({
      metadata: {},
      weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' },
    });
    const made = await shardDirectory(valid);
    const index = join(made, 'model.safetensors.index.json');
    const piece = fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('../', '\\u0000', '"', '{', '[', ':', ',', 'null', '1e999'),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length), fc.nat(8), piece, async (at, cut, inserted) => {
        await writeFile(index, valid.slice(0, at) + inserted + valid.slice(at + cut));
        const source = await openWeights(made).catch((error: unknown) => error);
        if (source instanceof Error) expect(source).toBeInstanceOf(NtkLensError);
        else await (source as Awaited<ReturnType<typeof openWeights>>).close();
      }),
      { numRuns: 500 },
    );
  });

  it('lists what a directory without weights has', async () => {
    const empty = await mkdtemp(join(directory, 'none-'));
    await writeFile(join(empty, 'tf_model.h5'), '');
    await expect(openWeights(empty)).rejects.toThrow(NoWeightsError);
    await expect(openWeights(empty)).rejects.toThrow(/tf_model\.h5/);
  });
});
