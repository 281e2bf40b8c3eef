import { specialTokens, vocabulary } from './lexicon.js';

const [pad, unk, cls, sep, mask] = specialTokens;

const tokenizerJson = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: specialTokens.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: [sep, 3], cls: [cls, 2] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: unk,
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
  },
};

const tokenizerConfig = {
  tokenizer_class: 'BertTokenizer',
  do_lower_case: true,
  model_max_length: 64,
  pad_token: pad,
  unk_token: unk,
  cls_token: cls,
  sep_token: sep,
  mask_token: mask,
};

/** Tokenizer files of the generated language, by name: a WordPiece of whole words that transformers loads, too. */
export const tokenizerFiles: Readonly<
  Record<'tokenizer.json' | 'tokenizer_config.json' | 'vocab.txt', string>
> = {
  'tokenizer.json': `${JSON.stringify(tokenizerJson, undefined, 1)}\n`,
  'tokenizer_config.json': `${JSON.stringify(tokenizerConfig, undefined, 1)}\n`,
  'vocab.txt': `${vocabulary.join('\n')}\n`,
};
