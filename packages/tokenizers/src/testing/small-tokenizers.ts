const added = [
  { id: 1, content: '<mask>', lstrip: true, special: true },
  { id: 2, content: 'wör', single_word: true },
];
/** One complete tokenizer.json of a few tokens for each kind of model. */
export const SMALL: Readonly<Record<string, unknown>> = {
  wordPiece: {
    added_tokens: added,
    normalizer: { type: 'BertNormalizer', lowercase: true, strip_accents: null },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', cls: ['[UNK]', 0], sep: ['<mask>', 1] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      vocab: { '[UNK]': 0, '<mask>': 1, a: 2, '##a': 3, '!': 4, hello: 5 },
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 20,
    },
  },
  bytePair: {
    added_tokens: added,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFKC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Strip' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: '\\p{N}{1,3}' }, behavior: 'Isolated' },
        { type: 'ByteLevel', add_prefix_space: true },
      ],
    },
    post_processor: {
      type: 'Sequence',
      processors: [
        { type: 'ByteLevel', trim_offsets: true },
        {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: 'a' } }, { Sequence: { id: 'A' } }],
          special_tokens: { a: { ids: [2] } },
        },
      ],
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab: { '<unk>': 0, '<mask>': 1, a: 2, aa: 3, aaaa: 4, '!': 5, Ġ: 6 },
      merges: ['a a', 'aa aa'],
      unk_token: '<unk>',
      fuse_unk: true,
    },
  },
  unigram: {
    added_tokens: added,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Nmt' },
        { type: 'NFKD' },
        { type: 'StripAccents' },
        { type: 'Precompiled', precompiled_charsmap: 'BAAAAAAAAAA=' },
        { type: 'Prepend', prepend: 'x' },
      ],
    },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'Unigram',
      unk_id: 0,
      byte_fallback: true,
      vocab: [
        ['<unk>', 0],
        ['▁', -1],
        ['a', -2],
        ['aa', -3],
        ['▁a', -2.5],
        ['<0xE2>', -9],
      ],
    },
  },
};
