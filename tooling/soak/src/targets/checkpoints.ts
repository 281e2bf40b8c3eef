import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  encodeSafetensors,
  hubModel,
  type StoredState,
  safetensorsFrom,
  shardsFrom,
  tensorsStateFrom,
  torchStateFrom,
  torchValueFrom,
  torchWeightsFrom,
  type WeightSource,
} from '@ntk-lens/checkpoints';
import { ndarray, type Random } from '@ntk-lens/core';
import {
  mutatedBytes,
  mutatedJson,
  mutatedJsonText,
  mutatedText,
  pick,
  type Region,
} from '@ntk-lens/testing/mutate';
import { type FuzzTarget, fuzzTarget, mustBe } from '../fuzz/target.js';
import { withRightChecksums } from './right-checksums.js';
import { safetensorsBytes, withRightOffsets } from './right-layout.js';

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));
const fixture = (path: string): Buffer => readFileSync(`${packages}/${path}`);

const readAll = async (opened: Promise<WeightSource>): Promise<void> => {
  const source = await opened;
  for (const name of source.names) {
    const { data, shape } = await source.read(name);
    mustBe(data.length === shape.reduce((a, b) => a * b, 1), 'As many values as the shape says.');
    mustBe(data.every(Number.isFinite), 'Weights are finite.');
  }
  await source.close();
};

const readMoments = async (opened: Promise<StoredState>): Promise<void> => {
  const state = await opened;
  for (const [key, moment] of state.moments) {
    await moment.step();
    const { data } = await moment.read(String(key));
    mustBe(data.length === moment.shape.reduce((a, b) => a * b, 1), 'As many values as the shape says.');
  }
  await state.close();
};

const array = (...values: number[]) => ndarray<'float32'>(Float32Array.from(values), [values.length]);
const safetensorsSeed = async (): Promise<{ bytes: Uint8Array; header: Region }> => {
  const bytes = await encodeSafetensors(
    new Map([
      ['a.weight', ndarray<'float32'>(Float32Array.of(1, 2, 3, 4), [2, 2])],
      ['b', array(5, 6, 7)],
      ['c', array(8)],
    ]),
    { format: 'pt' },
  );
  return { bytes, header: { from: 0, to: 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)) } };
};

/** The first bytes of a pickle of protocol 2. */
const pickleStart = Buffer.of(0x80, 2);

/** The storages of a torch file: in a zip file those are in entries called data/, in a legacy file they are at the end. */
const numbersOf = (bytes: Buffer, pickle: number): Region => {
  const entry = bytes.indexOf('/data/0', pickle);
  const directory = bytes.indexOf('PK\x01\x02');
  if (entry >= 0 && directory > entry) return { from: entry + 64, to: directory };
  // The last pickle names the storages, which are behind it.
  const last = Math.max(pickle, bytes.lastIndexOf(pickleStart));
  return { from: Math.ceil((last + bytes.length) / 2), to: bytes.length };
};

/** Torch files, most of them with right checksums, edited in their pickle or in what is behind it, the numbers. */
const torchFiles = (paths: readonly string[]) => {
  const seeds = paths.map((path) => {
    const bytes = fixture(path);
    const pickle = Math.max(0, bytes.indexOf(pickleStart));
    const end = Math.min(bytes.length, pickle + 1_500);
    return { bytes, regions: [{ from: pickle, to: end }, numbersOf(bytes, pickle)] };
  });
  return (random: Random): Uint8Array => {
    const { bytes, regions } = pick(random, seeds);
    const edited = mutatedBytes(random, bytes, pick(random, regions), random.interval(3) > 0);
    return random.interval(7) > 0 ? withRightChecksums(edited) : edited;
  };
};

const commit = '0123456789abcdef0123456789abcdef01234567';
/** Fields of the Hub's answers that the client does not need. */
const more = {
  lastCommit: { id: commit, title: 'Upload the model', date: '2024-05-01T12:00:00.000Z' },
  securityFileStatus: { status: 'safe', avScan: { virusFound: false, virusNames: [] } },
};
const listed = [
  { type: 'file', path: 'config.json', size: 2, oid: '9e26dfeeb6e641a33dae4961196235bdb965b21b', ...more },
  {
    type: 'file',
    path: 'big',
    size: 3,
    oid: commit,
    lfs: {
      oid: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      size: 3,
      pointerSize: 134,
    },
    ...more,
  },
  { type: 'directory', path: 'onnx', oid: commit, size: 0, ...more },
];
const contents: Readonly<Record<string, string>> = { 'config.json': '{}', big: 'abc' };

export const checkpointTargets: readonly FuzzTarget[] = [
  fuzzTarget('safetensors header', 150_000, async () => {
    const { bytes, header } = await safetensorsSeed();
    const text = new TextDecoder().decode(bytes.subarray(8, header.to));
    const edits: readonly ((random: Random) => Uint8Array)[] = [
      (random) => mutatedBytes(random, bytes, header),
      (random) => mutatedBytes(random, bytes, { from: header.to, to: bytes.length }),
      // Names and metadata, in a file whose lengths are right.
      (random) => {
        const word = pick(random, ['a.weight', 'b', 'c', 'pt', '"format"']);
        const quoted = JSON.stringify(mutatedText(random, word.replaceAll('"', '')));
        return safetensorsBytes(text.replace(JSON.stringify(word), quoted), bytes.subarray(header.to));
      },
      (random) => withRightOffsets(mutatedText(random, text)),
    ];
    return {
      make: (random) => pick(random, edits)(random),
      read: (edited) => readAll(safetensorsFrom(edited)),
    };
  }),
  fuzzTarget('safetensors header, fields', 150_000, async () => {
    const { bytes, header } = await safetensorsSeed();
    const data = bytes.subarray(header.to);
    const fields = JSON.parse(new TextDecoder().decode(bytes.subarray(8, header.to))) as unknown;
    return {
      make: (random) => {
        const text = mutatedJsonText(random, fields, ['F16', 'BF16', 'I64', 'BOOL', 'F64', 'F8_E4M3']);
        return random.interval(3) === 0 ? safetensorsBytes(text, data) : withRightOffsets(text);
      },
      read: (edited) => readAll(safetensorsFrom(edited)),
    };
  }),
  fuzzTarget('shard index', 100_000, async () => {
    const one = await encodeSafetensors(new Map([['a', array(1)]]));
    const other = { b: array(2), c: array(3) };
    const shards = new Map([
      ['1.safetensors', one],
      ['2.safetensors', await encodeSafetensors(new Map(Object.entries(other)))],
    ]);
    const index = {
      metadata: { total_size: 12 },
      weight_map: { a: '1.safetensors', b: '2.safetensors', c: '2.safetensors' },
    };
    return {
      make: (random) => mutatedJsonText(random, index, ['../1.safetensors', '/etc/passwd', ...shards.keys()]),
      read: (text) =>
        readAll(
          shardsFrom(text, (name) => {
            mustBe(!/[/\\]|^\.|^$/.test(name), 'A shard lies in its directory.');
            return safetensorsFrom(shards.get(name) ?? new Uint8Array(), name);
          }),
        ),
    };
  }),
  fuzzTarget('torch file', 120_000, () => ({
    make: torchFiles(
      ['kernel', 'views', 'plain', 'types', 'plain.protocol4', 'state'].map(
        (name) => `checkpoints/fixtures/torch/${name}.pt`,
      ),
    ),
    read: (bytes) => torchValueFrom(bytes),
  })),
  fuzzTarget('torch file, legacy', 80_000, () => ({
    make: torchFiles(
      ['kernel', 'views', 'plain', 'state'].map((name) => `checkpoints/fixtures/torch/${name}.legacy.pt`),
    ),
    read: (bytes) => torchValueFrom(bytes),
  })),
  fuzzTarget('pytorch_model.bin', 60_000, () => ({
    make: torchFiles(
      ['state', 'state.legacy', 'views'].map((name) => `checkpoints/fixtures/torch/${name}.pt`),
    ),
    read: (bytes) => readAll(torchWeightsFrom(bytes)),
  })),
  fuzzTarget('optimizer state, torch', 30_000, () => ({
    make: torchFiles(
      ['bert', 'roberta', 'gpt2-one-group'].map((name) => `models/fixtures/optimizer-states/${name}.pt`),
    ),
    read: (bytes) => readMoments(torchStateFrom(bytes)),
  })),
  fuzzTarget('optimizer state, tensors', 30_000, () => {
    const seeds = ['roberta-tensors', 'gpt2-numbers'].map((name) => {
      const bytes = fixture(`models/fixtures/optimizer-states/${name}.safetensors`);
      return { bytes, header: { from: 0, to: 8 + Number(bytes.readBigUInt64LE(0)) } };
    });
    return {
      make: (random) => {
        const { bytes, header } = pick(random, seeds);
        const values = { from: header.to, to: bytes.length };
        return mutatedBytes(random, bytes, random.interval(2) === 0 ? header : values);
      },
      read: (bytes) => readMoments(tensorsStateFrom(bytes)),
    };
  }),
  fuzzTarget('answers of the Hub', 40_000, () => ({
    make: (random) => {
      const answers = {
        sha: {
          sha: commit,
          tags: ['fill-mask', 'pytorch'],
          downloads: 12,
          cardData: { license: 'mit' },
        } as unknown,
        list: listed as unknown,
        config: '{}',
        big: 'abc',
        link: '',
        status: 200,
      };
      const which = random.interval(9);
      if (which === 0) answers.sha = mutatedJson(random, answers.sha);
      else if (which < 7) answers.list = mutatedJson(random, answers.list, ['../x', 'config.json', 'big']);
      else if (which === 7) answers.big = mutatedText(random, answers.big);
      else if (which === 8)
        answers.link = pick(random, [
          '<http://hub.test/next>; rel="next"',
          '<>; rel="next"',
          '<http://a b>; rel="next"',
        ]);
      else answers.status = pick(random, [201, 204, 206, 301, 302, 400, 401, 403, 404, 416, 500, 503]);
      return answers;
    },
    read: async ({ sha, list, config, big, link, status }) => {
      const real = globalThis.fetch;
      let pages = 0;
      globalThis.fetch = async (input) => {
        const { pathname } = new URL(String(input));
        const headers = new Headers();
        if (pathname.includes('/tree/') && link && pages++ === 0) headers.set('link', link);
        const body = pathname.includes('/revision/')
          ? JSON.stringify(sha)
          : pathname.includes('/tree/') || pathname === '/next'
            ? JSON.stringify(list)
            : pathname.endsWith('/big')
              ? big
              : config;
        return new Response([204, 304].includes(status) ? null : body, { status, headers });
      };
      try {
        const model = await hubModel('some-org/tiny', {
          endpoint: 'http://hub.test',
          attempts: 1,
          backoff: 0,
        });
        for (const name of model.files.keys()) {
          if (!Object.hasOwn(contents, name)) continue;
          const bytes = await model.fetch(name);
          mustBe(new TextDecoder().decode(bytes) === contents[name], 'Bytes have their checksum.');
        }
      } finally {
        globalThis.fetch = real;
      }
    },
  })),
];
