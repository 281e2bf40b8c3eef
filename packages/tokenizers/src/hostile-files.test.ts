import { isError, isNtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TooMuchWorkError } from './errors.js';
import { MAX_TEXT_LENGTH, MAX_TOKENIZER_FILE_BYTES, MAX_VOCABULARY_SIZE } from './limits.js';
import type { LoadedTokenizer } from './loaded-tokenizer.js';
import type { TokenizerFiles } from './loading/tokenizer-files.js';
import { loadTokenizer } from './node/load-tokenizer.js';
import { SMALL } from './testing/small-tokenizers.js';

const TEXTS = [
  'Hello, wörld 北京 e\u0301 👍 <mask>  [MASK]\r\n',
  '',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  '\ud800',
];

/** Loads and uses it; anything but a typed error of input fails the test. */
const survive = async (files: TokenizerFiles): Promise<'loaded' | 'refused'> => {
  try {
    const tokenizer = await loadTokenizer(files);
    for (const text of TEXTS) {
      const { ids } = tokenizer.encodeWithOffsets(text);
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(typeof tokenizer.decode([...ids, 0, 1e9, -1])).toBe('string');
    }
    return 'loaded';
  } catch (error) {
    if (!isNtkLensError(error)) throw error;
    expect(error.kind).toBe('input');
    return 'refused';
  }
};

const places = (
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] => {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value);
  return [
    path,
    ...keys.flatMap((key) => places((value as Record<string | number, unknown>)[key], [...path, key])),
  ];
};

const replaced = (value: unknown, path: readonly (string | number)[], by: unknown): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const inner = replaced((value as Record<string | number, unknown>)[key], rest, by);
  if (Array.isArray(value)) return value.with(Number(key), inner);
  return { ...(value as Record<string, unknown>), [key]: inner };
};

const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e300,
    4e6,
    '',
    '\ud800',
    'a'.repeat(600),
    '(a+)+$',
    '[',
    '\\',
    [],
    {},
    [[]],
    ['a', 'b'],
    { type: 'Sequence' },
    { Regex: '(' },
    { Regex: '' },
    { Regex: 'a*' },
    { String: '' },
  ),
  fc.constantFrom(
    'NFD',
    'ByteLevel',
    'Precompiled',
    'Split',
    'Metaspace',
    'Digits',
    'CTC',
    'BPEDecoder',
    'WordPiece',
    'BPE',
    'Unigram',
    '__proto__',
    'constructor',
  ),
  fc.jsonValue(),
);

describe.each(Object.entries(SMALL))('a %s tokenizer.json', (_, small) => {
  test('as written is loaded', async () => {
    expect(await survive({ 'tokenizer.json': JSON.stringify(small) })).toBe('loaded');
  });

  test('with any value replaced is loaded or refused with a typed error', async () => {
    const all = places(small);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), nasty, fc.constantFrom(...all), nasty, async (a, x, b, y) => {
        const once = replaced(small, a, x);
        let twice = once;
        try {
          twice = replaced(once, b, y);
        } catch {
          // The second place went with the first.
        }
        await survive({ 'tokenizer.json': JSON.stringify(twice) ?? 'null' });
      }),
      { numRuns: 700 },
    );
  });

  test('with any bytes changed is loaded or refused with a typed error', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(small));
    const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(bytes.length), fc.boolean(), async (changes, cut, shorten) => {
        const changed = bytes.slice(0, shorten ? cut : bytes.length);
        for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
        await survive({ 'tokenizer.json': changed });
      }),
      { numRuns: 300 },
    );
  });
});

test('any JSON at all is refused or loaded', async () => {
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  await fc.assert(
    fc.asyncProperty(json, json, fc.string(), async (a, b, c) => {
      await survive({ 'tokenizer.json': a, 'tokenizer_config.json': b });
      await survive({ 'vocab.json': a, 'merges.txt': c, 'special_tokens_map.json': b });
      await survive({ 'vocab.txt': c, 'added_tokens.json': b });
    }),
  );
});

test('caps are named: file size, vocabulary, nesting, steps, text', async () => {
  const refusal = async (json: unknown): Promise<string> =>
    String(
      await loadTokenizer({ 'tokenizer.json': typeof json === 'string' ? json : JSON.stringify(json) }).catch(
        (e: unknown) => e,
      ),
    );
  expect(await refusal(' '.repeat(MAX_TOKENIZER_FILE_BYTES + 1))).toMatch(/MAX_TOKENIZER_FILE_BYTES/);
  const small = SMALL['wordPiece'] as Record<string, unknown>;
  expect(await refusal(replaced(small, ['model', 'vocab', 'a'], MAX_VOCABULARY_SIZE))).toMatch(
    /model\.vocab\.a.*an id from 0 to/,
  );
  expect(await refusal(replaced(small, ['model', 'vocab', 'a'.repeat(4_097)], 9))).toMatch(
    /MAX_TOKEN_LENGTH/,
  );
  let deep: unknown = { type: 'NFC' };
  for (let i = 0; i < 40; i++) deep = { type: 'Sequence', normalizers: [deep] };
  expect(await refusal({ ...small, normalizer: deep })).toMatch(/at most 16 sequences inside each other/);
  const many = Array.from({ length: 65 }, () => ({ type: 'NFC' }));
  expect(await refusal({ ...small, normalizer: { type: 'Sequence', normalizers: many } })).toMatch(
    /MAX_STEPS/,
  );
  expect(await refusal('['.repeat(1_000_000))).toMatch(/not JSON/);
  const tokenizer = await loadTokenizer({ 'tokenizer.json': JSON.stringify(small) });
  expect(() => tokenizer.encode('a'.repeat(MAX_TEXT_LENGTH + 1))).toThrow(/expected at most 1048576/);
});

const repeated = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test('normalizers that double the text again and again are stopped', async () => {
  const double = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
  const json = {
    ...(SMALL['wordPiece'] as object),
    normalizer: { type: 'Sequence', normalizers: Array.from({ length: 60 }, () => double) },
  };
  const tokenizer = await loadTokenizer({ 'tokenizer.json': JSON.stringify(json) });
  expect(() => tokenizer.encode('a')).toThrow(TooMuchWorkError);
});

/** A tokenizer of which some parts are replaced. */
const changed = (parts: Readonly<Record<string, unknown>>): Promise<LoadedTokenizer> =>
  loadTokenizer({ 'tokenizer.json': JSON.stringify({ ...(SMALL['wordPiece'] as object), ...parts }) });
const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated' });

test.each(['(a|aa)+$', '(?:a{0,15}){0,15}b', 'a*a*a*a*b', '(?=.*.*x)a'])(
  'the expression %s, exponential or polynomial elsewhere, takes linear time',
  async (pattern) => {
    const tokenizer = await changed({ pre_tokenizer: split(pattern) });
    expect(tokenizer.encode('a'.repeat(2_000)).length).toBeGreaterThan(0);
  },
);

/** Parts that multiply the work, and whose text is long. */
const MULTIPLIERS: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  [
    'normalizers',
    {
      normalizer: {
        type: 'Sequence',
        normalizers: repeated(60, { type: 'Prepend', prepend: 'x'.repeat(256) }),
      },
    },
    'a '.repeat(20_000),
  ],
  [
    'patterns',
    { pre_tokenizer: { type: 'Sequence', pretokenizers: repeated(60, split('(?:a{0,30}){0,30}b')) } },
    'a'.repeat(10_000),
  ],
  [
    'added tokens',
    {
      added_tokens: Array.from({ length: 1_000 }, (_, i) => ({
        id: i + 9,
        content: `${'a'.repeat(i + 1)}b`,
      })),
    },
    'a'.repeat(10_000),
  ],
  [
    'tokens of WordPiece',
    {
      pre_tokenizer: null,
      model: {
        type: 'WordPiece',
        max_input_chars_per_word: 1_000,
        vocab: { '[UNK]': 0, a: 1, '##a': 2, ['a'.repeat(4_000)]: 3 },
      },
    },
    'a'.repeat(1_000),
  ],
  [
    'tokens of Unigram',
    {
      pre_tokenizer: null,
      model: {
        type: 'Unigram',
        unk_id: 0,
        vocab: Array.from({ length: 2_000 }, (_, i) => ['a'.repeat(i), -i]),
      },
    },
    'a'.repeat(10_000),
  ],
];
test.each(MULTIPLIERS)('%s that multiply the work are stopped, whatever the text', async (_, parts, text) => {
  const tokenizer = await changed({ normalizer: null, ...parts });
  for (const _ of [1, 2])
    try {
      tokenizer.encode(text);
    } catch (error) {
      expect(isError(error, TooMuchWorkError)).toBe(true);
    }
});

test('decoders that double the text again and again are stopped', async () => {
  const double = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
  const tokenizer = await changed({ decoder: { type: 'Sequence', decoders: repeated(60, double) } });
  expect(() => tokenizer.decode([2])).toThrow(TooMuchWorkError);
});

test('a word of a million characters without a space is encoded', async () => {
  const long = 'a'.repeat(1_000_000);
  for (const small of Object.values(SMALL)) {
    const linear = replaced(replaced(small, ['normalizer'], null), ['pre_tokenizer'], { type: 'ByteLevel' });
    const tokenizer = await loadTokenizer({ 'tokenizer.json': JSON.stringify(linear) });
    expect(tokenizer.encode(long).length).toBeGreaterThan(0);
  }
});
