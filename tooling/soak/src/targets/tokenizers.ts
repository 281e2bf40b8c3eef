import { mutatedBytes, mutatedJsonText, mutatedText, pick, respelledJson } from '@ntk-lens/testing/mutate';
import { loadTokenizer, type TokenizerFiles } from '@ntk-lens/tokenizers';
import { SMALL } from '../../../../packages/tokenizers/src/testing/small-tokenizers.js';
import { type FuzzTarget, fuzzTarget, mustBe } from '../fuzz/target.js';

const TEXTS = ['Hello, wörld 北京 e\u0301 👍 <mask>  [MASK]\r\n', '', 'aaaaaaaaaaaaaaaa!', '\ud800'];

const WORDS = [
  ...['NFC', 'NFKC', 'NFD', 'Lowercase', 'Replace', 'Prepend', 'Strip', 'Precompiled', 'BertNormalizer'],
  ...[
    'ByteLevel',
    'Split',
    'Metaspace',
    'Digits',
    'Punctuation',
    'Whitespace',
    'WhitespaceSplit',
    'UnicodeScripts',
    'FixedLength',
    'Sequence',
  ],
  ...['BPE', 'WordPiece', 'Unigram', 'WordLevel', 'BPEDecoder', 'ByteFallback', 'Fuse', 'CTC'],
  ...[
    '\\p{L}',
    '\\p{N}{1,3}',
    '[^\\s]+',
    '(a|b)*',
    '(?i:x)',
    'a{0,15}',
    '(?=b)',
    'Removed',
    'MergedWithNext',
  ],
  ...[
    '##a',
    '▁',
    'Ġ',
    '<0x41>',
    '[UNK]',
    '<mask>',
    'a b',
    'cls_token',
    'BertTokenizer',
    'RobertaTokenizerFast',
  ],
];

/** Encodes hard texts and reads the ids again. */
const use = async (files: TokenizerFiles): Promise<void> => {
  const tokenizer = await loadTokenizer(files);
  for (const text of TEXTS) {
    const { ids, offsets } = tokenizer.encodeWithOffsets(text);
    mustBe(ids.length === offsets.length, 'Every id has an offset.');
    mustBe(
      ids.every((id) => Number.isSafeInteger(id) && id >= 0),
      'Ids are positive integers.',
    );
    mustBe(String(tokenizer.encode(text)) === String(ids), 'Two ways to encode agree.');
    mustBe(typeof tokenizer.decode([...ids, 0, 1e9, -1]) === 'string', 'Ids have a text.');
  }
};

const small = Object.values(SMALL);
const settings = {
  tokenizer_class: 'BertTokenizerFast',
  do_lower_case: true,
  model_max_length: 512,
  unk_token: '[UNK]',
  mask_token: { content: '<mask>', lstrip: true, special: true },
  add_prefix_space: false,
  added_tokens_decoder: { 1: { content: '<mask>', special: true } },
};
const vocabulary = '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n##s\n,\n!\na\n##a\n';
const pairs = {
  vocab: {
    '<s>': 0,
    '</s>': 1,
    '<unk>': 2,
    '<pad>': 3,
    '<mask>': 4,
    h: 5,
    e: 6,
    l: 7,
    o: 8,
    he: 9,
    ll: 10,
    hell: 11,
  },
  merges: '#version: 0.2\nh e\nl l\nhe ll\n',
};

export const tokenizerTargets: readonly FuzzTarget[] = [
  fuzzTarget('tokenizer.json', 180_000, () => ({
    make: (random) => mutatedJsonText(random, pick(random, small), WORDS),
    read: (text) => use({ 'tokenizer.json': text }),
  })),
  fuzzTarget('tokenizer.json, bytes', 40_000, () => {
    return {
      make: (random) => {
        const bytes = new TextEncoder().encode(respelledJson(random, pick(random, small)));
        return random.interval(1) === 0 ? bytes : mutatedBytes(random, bytes);
      },
      read: (bytes) => use({ 'tokenizer.json': bytes }),
    };
  }),
  fuzzTarget('tokenizer_config.json', 80_000, () => ({
    make: (random) => mutatedJsonText(random, settings, WORDS),
    read: (text) => use({ 'tokenizer.json': JSON.stringify(small[0]), 'tokenizer_config.json': text }),
  })),
  fuzzTarget('vocab.txt', 80_000, () => ({
    make: (random) => mutatedText(random, vocabulary, WORDS),
    read: (text) => use({ 'vocab.txt': text }),
  })),
  fuzzTarget('vocab.json and merges.txt', 80_000, () => ({
    make: (random): readonly [string, string] =>
      random.interval(1) === 0
        ? [mutatedJsonText(random, pairs.vocab, WORDS), pairs.merges]
        : [JSON.stringify(pairs.vocab), mutatedText(random, pairs.merges, WORDS)],
    read: ([vocab, merges]) => use({ 'vocab.json': vocab, 'merges.txt': merges }),
  })),
];
