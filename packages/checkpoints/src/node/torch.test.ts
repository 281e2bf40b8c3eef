import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNtkLensError, type NDArray } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeightFileFormatError } from '../errors.js';
import { accessTo } from '../source/random-access.js';
import { encodeTorchFile } from '../torch/encode-torch-file.js';
import { PickleRefusedError } from '../torch/pickle/pickle-errors.js';
import { readTorchArchive } from '../torch/read-torch-archive.js';
import { type TorchValue, torchValueFrom } from '../torch/torch-value.js';
import { crc32 } from '../torch/zip/crc32.js';
import { openTorchWeights, readTorchFile } from './open-files.js';
import { openWeights } from './open-weights.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<string, unknown>;

/** The form in which make_weight_files.py stores values. */
const plain = (value: TorchValue): unknown => {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [key, plain(item)]) };
  const { shape, data } = value as NDArray;
  return { shape, data: Array.from(data) };
};

describe('a file of torch.save', () => {
  for (const file of readdirSync(join(fixtures, 'torch'))) {
    it(`${file} reads as the values that were saved`, async () => {
      const value = await readTorchFile(join(fixtures, 'torch', file));
      expect(plain(value)).toEqual(expected[file.split('.')[0]!]);
      const bytes = await readFile(join(fixtures, 'torch', file));
      expect(plain(await torchValueFrom(bytes))).toEqual(plain(value));
      expect(plain(await torchValueFrom(new Blob([bytes])))).toEqual(plain(value));
    });
  }

  it('keeps float64 kernels and turns other numbers into the nearest type of NDArray', async () => {
    const [kernel, labels] = (await readTorchFile(join(fixtures, 'torch/kernel.pt'))) as [NDArray, NDArray];
    expect([kernel.dtype, labels.dtype]).toEqual(['float64', 'int32']);
    const types = (await readTorchFile(join(fixtures, 'torch/types.pt'))) as ReadonlyMap<string, NDArray>;
    expect([...types].map(([name, { dtype }]) => `${name} ${dtype}`)).toEqual([
      'f64 float64',
      'f16 float32',
      'bf16 float32',
      'i64 int32',
      'i32 int32',
      'i16 int32',
      'i8 int8',
      'u8 uint8',
      'bool uint8',
    ]);
  });

  it('gives one array for one view named twice', async () => {
    const data = new Float32Array([1, 2]);
    const array: NDArray = { dtype: 'float32', shape: [2], data };
    const read = (await torchValueFrom(await encodeTorchFile([array, array]))) as [NDArray, NDArray];
    expect(read[0]).toBe(read[1]);
  });

  it('refuses an int64 beyond int32 instead of wrapping it', async () => {
    const bytes = await encodeTorchFile({ dtype: 'int32', shape: [1], data: Int32Array.of(77) });
    const at = Buffer.from(bytes).indexOf(Buffer.from(BigInt64Array.of(77n).buffer));
    const sumOf = () => Buffer.from(Uint32Array.of(crc32(bytes.subarray(at, at + 8))).buffer);
    const before = sumOf();
    bytes[at + 4] = 1;
    const directory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = directory.indexOf(before); i >= 0; i = directory.indexOf(before, i + 1))
      bytes.set(sumOf(), i);
    await expect(torchValueFrom(bytes)).rejects.toThrow(/integer 4294967373/);
  });
});

describe('pytorch_model.bin', () => {
  const stored = Object.entries(expected['tiny-bert'] as Record<string, { shape: number[]; data: number[] }>);
  it.each(['tiny-bert', 'tiny-bert-sharded', 'tiny-bert-bin', 'tiny-bert-legacy', 'tiny-bert-bin-sharded'])(
    '%s reads as the same weights',
    async (directory) => {
      const source = await openWeights(join(fixtures, directory));
      for (const [name, { shape, data }] of stored) {
        if (!source.has(name)) {
          // save_pretrained leaves tied tensors out of safetensors files.
          expect(name).toMatch(/decoder/);
          continue;
        }
        const array = await source.read(name);
        expect(array.shape).toEqual(shape);
        expect(Array.from(array.data)).toEqual(data);
        const { file, byteOffset, byteLength, contiguous } = source.info(name);
        expect(contiguous).toBe(true);
        const bytes = Uint8Array.from(readFileSync(file).subarray(byteOffset, byteOffset + byteLength));
        expect(new Float32Array(bytes.buffer)).toEqual(array.data);
      }
      await source.close();
    },
  );

  it('says when a file holds no weights', async () => {
    await expect(openTorchWeights(join(fixtures, 'torch/kernel.pt'))).rejects.toThrow(WeightFileFormatError);
  });
});

describe('a malicious torch file', () => {
  const named: Readonly<Record<string, RegExp>> = {
    'os-system': /"(posix|nt)\.system"/,
    eval: /"(builtins|__builtin__)\.eval"/,
    exec: /"(builtins|__builtin__)\.exec"/,
    open: /"(io|_io)\.open"/,
    getattr: /"(builtins|__builtin__)\.getattr"/,
    import: /"(builtins|__builtin__)\.__import__"/,
    'torch-load': /"torch\.serialization\.load"/,
    'load-from-bytes': /"torch\.storage\._load_from_bytes"/,
    rebuild: /"_?pickle\.loads"/,
    deep: /maxPickleDepth/,
    compressed: /compressed entry/,
  };
  for (const file of readdirSync(join(fixtures, 'malicious'))) {
    it(`${file} is refused by name and runs nothing`, async () => {
      const error = await readTorchFile(join(fixtures, 'malicious', file)).catch((e: unknown) => e);
      expect(isNtkLensError(error)).toBe(true);
      expect((error as Error).message).toMatch(named[file.split('.')[0]!]!);
      expect(existsSync('pwned')).toBe(false);
    });
  }

  const archiveOf = async (pickle: readonly (number | string)[]) => {
    const { writeZip } = await import('../torch/zip/zip-writer.js');
    const bytes = Buffer.concat(
      pickle.map((p) => (typeof p === 'string' ? Buffer.from(p, 'latin1') : Buffer.of(p))),
    );
    const parts: Uint8Array[] = [];
    await writeZip([{ name: 'archive/data.pkl', bytes }], async (b) => void parts.push(b));
    return Buffer.concat(parts);
  };
  const read = async (...pickle: (number | string)[]) => {
    const archive = await archiveOf([0x80, 2, ...pickle]);
    return torchValueFrom(archive).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  };
  const storage = '((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuJ\x02\0\0\0tQ';

  it.each<readonly [string, RegExp, readonly (number | string)[]]>([
    ['os.system', /"os\.system"/, ['cos\nsystem\nX\x02\0\0\0id\x85R.']],
    ['a global by stack', /"os\.system"/, ['X\x02\0\0\0osX\x06\0\0\0system\x93.']],
    ['an instance', /"os\.system"/, ['(ios\nsystem\n.']],
    ['an object', /NEWOBJ/, ['ccollections\nOrderedDict\n)\x81.']],
    ['attributes of a class', /BUILD/, ['ccollections\nOrderedDict\n}b.']],
    ['an integer bomb', /maxPickleIntegerBytes/, ['\x8b\xff\xff\xff\x7f']],
    ['a negative length', /maxPickleIntegerBytes/, ['\x8b\xff\xff\xff\xff']],
    ['text longer than the file', /truncated/, ['X\xff\xff\xff\xff']],
    ['text of 2^64 bytes', /truncated/, ['\x8d\xff\xff\xff\xff\xff\xff\xff\xff']],
    ['a huge memo', /maxPickleMemo/, ['K\0', '\x94'.repeat(500_001), '.']],
    ['many values', /maxPickleStack/, ['N'.repeat(500_001), '.']],
    ['many instructions', /maxPickleObjects/, ['N0'.repeat(500_001), '.']],
    [
      'many copies of one large list',
      /maxPickleObjects/,
      [
        `](${'NN\x86'.repeat(100_000)}eq\0ccollections\nOrderedDict\nq\x01`,
        'h\x01h\0\x85R0'.repeat(50_000),
        '.',
      ],
    ],
    [
      'many shapes of one large tuple',
      /malformed shape/,
      [`(${'K\x01'.repeat(300_000)}tq\0ctorch._utils\n_rebuild_tensor_v2\n${storage}K\0h\0h\0\x89NtR.`],
    ],
    ['open marks', /maxPickleDepth/, ['('.repeat(70), '.']],
    ['deep tuples', /maxPickleDepth/, [')', '\x85'.repeat(400_000), '.']],
    ['a list in itself', /holds itself/, [']q\0h\0a.']],
    ['a missing memo entry', /memo entry 5/, ['h\x05.']],
    ['an empty stack', /empty stack/, ['.']],
    ['a call of a number', /call of a value/, ['K\x01)R.']],
    ['a container as key', /dictionary key/, ['}]Ns.']],
    ['a bare class', /bare storage or class/, ['ccollections\nOrderedDict\n.']],
    [
      'a shape beyond its storage',
      /inside its storage/,
      [
        `ctorch._utils\n_rebuild_tensor_v2\n${storage}K\0K\x03\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR.`,
      ],
    ],
    [
      'a negative stride',
      /malformed shape/,
      [
        `ctorch._utils\n_rebuild_tensor_v2\n${storage}K\x01K\x02\x85J\xff\xff\xff\xff\x85\x89N tR.`.replace(
          ' ',
          '',
        ),
      ],
    ],
    [
      'a huge expanded view',
      /maxElements|maxExpandedBytes/,
      [`ctorch._utils\n_rebuild_tensor_v2\n${storage}K\0J\xff\xff\xff\x7f\x85K\0\x85\x89NtR.`],
    ],
    [
      'a storage that is absent',
      /no storage "0"/,
      [`ctorch._utils\n_rebuild_tensor_v2\n${storage}K\0K\x02\x85K\x01\x85\x89NtR.`],
    ],
    ['another persistent id', /persistent id/, ['X\x01\0\0\0aQ.']],
    ['protocol 0 code', /"os\.system"/, ["cos\nsystem\n(S'id'\ntR."]],
    ['an unknown opcode', /opcode 0x49/, ['I1\n.']],
  ])('with %s is refused', async (_, message, pickle) => {
    const error = await read(...pickle);
    expect(isNtkLensError(error)).toBe(true);
    expect(error?.message).toMatch(message);
  });

  it('shares one value without copying it for each of its names', async () => {
    // A "billion laughs" of lists: 20 levels of ten references to the level below.
    const level = `](${'h\0'.repeat(10)}eq\0`;
    expect(await read(`]q\0${level.repeat(20)}.`)).toBeUndefined();
  });

  it('mutated never gives anything but a value or a typed error', async () => {
    const seeds = ['kernel.pt', 'views.legacy.pt', 'plain.protocol4.pt', 'state.pt'].map((file) =>
      readFileSync(join(fixtures, 'torch', file)),
    );
    const edits = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        edits,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (seed, changes, cut) => {
          const bytes = Uint8Array.from(
            cut < 0.2 ? seed.subarray(0, Math.floor(seed.length * cut * 5)) : seed,
          );
          for (const [where, value] of changes) {
            if (bytes.length > 0) bytes[Math.floor(where * bytes.length)] = value;
          }
          await torchValueFrom(bytes).catch((error: unknown) => expect(isNtkLensError(error)).toBe(true));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('mutated as pytorch_model.bin never gives anything but finite weights or a typed error', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'ntk-lens-bin-')), 'pytorch_model.bin');
    const seeds = ['state.pt', 'state.legacy.pt', 'views.pt'].map((name) =>
      readFileSync(join(fixtures, 'torch', name)),
    );
    const edit = fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (seed, edits) => {
          const bytes = Uint8Array.from(seed);
          for (const [where, value] of edits) bytes[Math.floor(where * bytes.length)] = value;
          await writeFile(file, bytes);
          try {
            const source = await openTorchWeights(file);
            try {
              for (const name of source.names) {
                expect((await source.read(name)).data.every(Number.isFinite)).toBe(true);
              }
            } finally {
              await source.close();
            }
          } catch (error) {
            expect(isNtkLensError(error)).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
    await rm(dirname(file), { recursive: true });
  });

  it('mutated inside its pickle never gives anything but a value or a typed error', async () => {
    const { unpickle } = await import('../torch/pickle/unpickle.js');
    const archive = accessTo(readFileSync(join(fixtures, 'torch/views.pt')), 'views.pt');
    await readTorchArchive(archive);
    const seed = readFileSync(join(fixtures, 'torch/views.legacy.pt')).subarray(0, 2500);
    const edit = fc.tuple(fc.nat(seed.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(seed);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          for (let at = 0; at < 600; ) at = unpickle(bytes, 'fuzz', at).end;
        } catch (error) {
          expect(isNtkLensError(error)).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('is told apart from damage', async () => {
    expect(await read('cos\nsystem\n.')).toBeInstanceOf(PickleRefusedError);
  });
});
