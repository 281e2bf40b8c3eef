import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NtkLensError, StrayContentError } from '@ntk-lens/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weightCaps } from '../caps.js';
import {
  NonFiniteWeightError,
  TruncatedWeightFileError,
  UnsupportedDTypeError,
  WeightFileFormatError,
  WeightFileLimitError,
} from '../errors.js';
import { openSafetensors } from '../node/open-files.js';
import { safetensorsBytes } from './testing/safetensors-bytes.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ntk-lens-weights-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let files = 0;
const fileOf = async (bytes: Uint8Array): Promise<string> => {
  const file = join(directory, `${files++}.safetensors`);
  await writeFile(file, bytes);
  return file;
};
const errorOf = async (bytes: Uint8Array): Promise<unknown> => {
  const source = await openSafetensors(await fileOf(bytes)).catch((error: unknown) => error);
  if (source instanceof Error) return source;
  await (source as Awaited<ReturnType<typeof openSafetensors>>).close();
  return undefined;
};
const f32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('a safetensors file', () => {
  it('gives back shape, place and numbers of every float type', async () => {
    const file = await fileOf(
      safetensorsBytes([
        ['half', 'F16', [3], new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001).buffer)],
        ['brain', 'BF16', [2], new Uint8Array(Uint16Array.of(0x3f80, 0xc040).buffer)],
        ['single', 'F32', [2, 1], f32(1.5, -2.25)],
        ['double', 'F64', [1], new Uint8Array(Float64Array.of(0.1).buffer)],
        ['scalar', 'F32', [], f32(7)],
        ['empty', 'F32', [0, 4], new Uint8Array()],
      ]),
    );
    const source = await openSafetensors(file);
    expect((await source.read('half')).data).toEqual(Float32Array.of(1, -2, 2 ** -24));
    expect((await source.read('brain')).data).toEqual(Float32Array.of(1, -3));
    expect(await source.read('single')).toEqual({
      dtype: 'float32',
      shape: [2, 1],
      data: Float32Array.of(1.5, -2.25),
    });
    expect((await source.read('double')).data).toEqual(Float32Array.of(0.1));
    expect((await source.read('scalar')).shape).toEqual([]);
    expect((await source.read('empty')).data).toHaveLength(0);
    const { byteOffset, byteLength } = source.info('single');
    expect(byteLength).toBe(8);
    expect((await import('node:fs')).readFileSync(file).readFloatLE(byteOffset)).toBe(1.5);
    await source.close();
  });

  it('reads integers as a fact but refuses them as weights', async () => {
    const file = await fileOf(safetensorsBytes([['position_ids', 'I64', [1], new Uint8Array(8)]]));
    const source = await openSafetensors(file);
    expect(source.info('position_ids').dtype).toBe('I64');
    await expect(source.read('position_ids')).rejects.toThrow(UnsupportedDTypeError);
    await source.close();
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
  ])('names the tensor and index of %s', async (_, value) => {
    const values = new Array<number>(3000).fill(1);
    values[2047] = value;
    const file = await fileOf(safetensorsBytes([['w', 'F32', [3000], f32(...values)]]));
    const source = await openSafetensors(file);
    await expect(source.read('w')).rejects.toThrow(NonFiniteWeightError);
    await expect(source.read('w')).rejects.toThrow(/"w".*index 2047/);
    await source.close();
  });

  it('is found wherever it stands, and never in the largest numbers', async () => {
    const { findNonFinite } = await import('../source/read-float32.js');
    const largest = new Float32Array(1000).fill(3.4028234663852886e38);
    expect(findNonFinite(largest)).toBe(-1);
    for (let length = 0; length < 20; length++) expect(findNonFinite(largest.subarray(0, length))).toBe(-1);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(39),
        fc.constantFrom(NaN, Infinity, -Infinity),
        (length, at, bad) => {
          const data = new Float32Array(length).fill(-1);
          data[at % length] = bad;
          expect(findNonFinite(data)).toBe(at % length);
          // Both infinities must not cancel.
          data.fill(Infinity, 0, Math.ceil(length / 2)).fill(-Infinity, Math.ceil(length / 2));
          expect(findNonFinite(data)).toBe(0);
        },
      ),
    );
  });

  it('refuses a double that overflows float32', async () => {
    const bytes = new Uint8Array(Float64Array.of(1, 1e300).buffer);
    const source = await openSafetensors(await fileOf(safetensorsBytes([['w', 'F64', [2], bytes]])));
    await expect(source.read('w')).rejects.toThrow(NonFiniteWeightError);
    await source.close();
  });

  it('widens every binary16 number as the definition says', async () => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).filter((b) => (b & 0x7c00) !== 0x7c00);
    const file = await fileOf(safetensorsBytes([['w', 'F16', [bits.length], new Uint8Array(bits.buffer)]]));
    const source = await openSafetensors(file);
    const { data } = await source.read('w');
    for (let i = 0; i < bits.length; i++) {
      const exponent = (bits[i]! >> 10) & 31;
      const fraction = bits[i]! & 1023;
      const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
      expect(data[i]).toBe(bits[i]! >> 15 ? -size : size);
    }
    await source.close();
  });
});

const finite = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).filter((b) => (b & 0x7f80) !== 0x7f80);
/** The number of a bfloat16: the upper half of a float32. */
const numberOf = (bits: number): number => new Float32Array(Uint32Array.of(bits * 2 ** 16).buffer)[0]!;

it('widens every bfloat16 number exactly, however many lie in a tensor', async () => {
  for (const length of [1, 2, 3, 8, 9, finite.length - 1, finite.length]) {
    const bits = finite.slice(0, length);
    const file = await fileOf(safetensorsBytes([['w', 'BF16', [length], new Uint8Array(bits.buffer)]]));
    const source = await openSafetensors(file);
    expect((await source.read('w')).data).toEqual(Float32Array.from(bits, numberOf));
    await source.close();
  }
});

it('reads chosen rows, in their order, and whole tensors into memory that is given', async () => {
  const bits = finite.slice(100, 115);
  const rows = [3, 4, 0, 0, 1];
  for (const [dtype, data] of [
    ['BF16', bits],
    ['F32', Float32Array.from(bits, numberOf)],
  ] as const) {
    const file = await fileOf(safetensorsBytes([['w', dtype, [5, 3], new Uint8Array(data.buffer)]]));
    const source = await openSafetensors(file);
    const chosen = await source.read('w', { rows });
    expect(chosen.shape).toEqual([5, 3]);
    const of = (row: number) => [0, 1, 2].map((i) => numberOf(bits[3 * row + i]!));
    expect([...chosen.data]).toEqual(rows.flatMap(of));
    const memory = new ArrayBuffer(4 * bits.length);
    const whole = await source.read('w', { allocate: (bytes) => memory.slice(0, bytes) });
    expect(whole.data).toEqual(Float32Array.from(bits, numberOf));
    const given = await source.read('w', { allocate: () => memory });
    expect(given.data.buffer).toBe(memory);
    await expect(source.read('w', { rows: [5] })).rejects.toThrow(/row of w.*5.*0 … 4/);
    await source.close();
  }
});

describe('a safetensors header that lies', () => {
  const good = { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } };
  const withHeader = (header: unknown, data = 8): Uint8Array => {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  const cases: readonly (readonly [string, Uint8Array, typeof NtkLensError | { code: string }, RegExp])[] = [
    ['empty file', new Uint8Array(), StrayContentError, /an empty file/],
    ['header beyond the file', withHeader(good).subarray(0, 20), TruncatedWeightFileError, /found 20 bytes/],
    ['data cut off', withHeader(good, 3), TruncatedWeightFileError, /found \d+ bytes.*promises \d+/],
    ['bytes left over', withHeader(good, 9), WeightFileFormatError, /1 bytes after/],
    [
      'huge header length',
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127),
      WeightFileLimitError,
      /maxHeaderBytes/,
    ],
    ['no JSON', withHeader('{"a":'), WeightFileFormatError, /not JSON/],
    ['an array', withHeader('[]'), WeightFileFormatError, /JSON object/],
    [
      'a name twice',
      withHeader(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      ),
      WeightFileFormatError,
      /"a" twice/,
    ],
    ['unknown dtype', withHeader({ a: { ...good.a, dtype: 'Q4_K' } }), UnsupportedDTypeError, /"a".*Q4_K/],
    [
      'a prototype name as dtype',
      withHeader({ a: { ...good.a, dtype: 'toString' } }),
      UnsupportedDTypeError,
      /toString/,
    ],
    ['negative size', withHeader({ a: { ...good.a, shape: [-2] } }), WeightFileFormatError, /shape \[-2\]/],
    ['fractional size', withHeader({ a: { ...good.a, shape: [0.5] } }), WeightFileFormatError, /shape/],
    [
      'nine dimensions',
      withHeader({ a: { ...good.a, shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] } }),
      WeightFileLimitError,
      /maxDimensions/,
    ],
    [
      'product overflow',
      withHeader({ a: { ...good.a, shape: [2 ** 40, 2 ** 40] } }),
      WeightFileLimitError,
      /maxElements/,
    ],
    [
      'bytes for another shape',
      withHeader({ a: { ...good.a, shape: [3] } }),
      WeightFileFormatError,
      /8 bytes, expected 12/,
    ],
    [
      'backward offsets',
      withHeader({ a: { ...good.a, data_offsets: [8, 0] } }),
      WeightFileFormatError,
      /data_offsets/,
    ],
    [
      'a hole',
      withHeader({ a: { ...good.a, shape: [1], data_offsets: [4, 8] } }),
      WeightFileFormatError,
      /hole/,
    ],
    [
      'an overlap',
      withHeader({ a: good.a, b: { ...good.a, data_offsets: [4, 12] } }, 12),
      WeightFileFormatError,
      /overlaps/,
    ],
    [
      'a long name',
      withHeader({ ['x'.repeat(weightCaps.maxNameLength + 1)]: good.a }),
      WeightFileLimitError,
      /maxNameLength/,
    ],
    [
      'metadata of numbers',
      withHeader({ ...good, __metadata__: { a: 1 } }),
      WeightFileFormatError,
      /__metadata__/,
    ],
    [
      'deep nesting',
      withHeader(`{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`),
      WeightFileFormatError,
      /./,
    ],
    [
      'deep metadata',
      withHeader(`{"__metadata__":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`),
      WeightFileFormatError,
      /./,
    ],
    ['null tensor', withHeader({ a: null }), WeightFileFormatError, /null/],
  ];
  it.each(cases)('%s', async (_, bytes, errorClass, message) => {
    const error = await errorOf(bytes);
    expect(error).toBeInstanceOf(errorClass);
    expect((error as Error).message).toMatch(message);
  });

  it('accepts the tensor order of the file, whatever the order of the header, and names like __proto__', async () => {
    const header =
      '{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const source = await openSafetensors(await fileOf(withHeader(header)));
    expect(source.names).toEqual(['__proto__', 'b']);
    await source.close();
  });

  it('mutated bytes never give anything but a typed error or finite weights', async () => {
    const valid = safetensorsBytes([
      ['a', 'F32', [2, 2], f32(1, 2, 3, 4)],
      ['b', 'F16', [2], new Uint8Array(4)],
    ]);
    const mutation = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(mutation, fc.nat(valid.length), async (edits, keep) => {
        const bytes = valid.slice(0, keep % 3 === 0 ? keep : valid.length);
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        const file = join(directory, 'fuzz.safetensors');
        await writeFile(file, bytes);
        try {
          const source = await openSafetensors(file);
          try {
            for (const name of source.names) {
              expect((await source.read(name)).data.every(Number.isFinite)).toBe(true);
            }
          } finally {
            await source.close();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(NtkLensError);
        }
      }),
      { numRuns: 1500 },
    );
  });
});
