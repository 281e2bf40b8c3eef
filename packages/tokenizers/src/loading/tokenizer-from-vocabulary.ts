import { TokenizerFormatError } from '../errors.js';
import { JsonReader } from '../json-reader.js';
import { MAX_MERGES } from '../limits.js';
import { type DeclaredToken, ROLES, type Role } from './special-tokens.js';
import { type TokenizerClass, vocabularyKind } from './tokenizer-class.js';
import type { TokenizerFileName } from './tokenizer-files.js';

type Texts = ReadonlyMap<TokenizerFileName, string>;
type Json = Readonly<Record<string, unknown>>;

const addedToken = (token: DeclaredToken, id: number, special: boolean): Json => ({
  id,
  content: token.content,
  single_word: token.singleWord ?? false,
  lstrip: token.lstrip ?? false,
  rstrip: token.rstrip ?? false,
  normalized: token.normalized ?? false,
  special,
});

/** Special tokens in the vocabulary, and the tokens of added_tokens.json by id. */
const addedTokens = (
  texts: Texts,
  vocabulary: ReadonlyMap<string, number>,
  declared: ReadonlyMap<Role, DeclaredToken>,
  usual: Readonly<Partial<Record<Role, DeclaredToken>>>,
): Json[] => {
  const list: Json[] = [];
  const seen = new Set<string>();
  const file = texts.get('added_tokens.json');
  const extra = new Map<string, number>();
  if (file !== undefined) {
    const reader = JsonReader.parse('added_tokens.json', file);
    for (const token of Object.keys(reader.object()))
      extra.set(token, reader.get(token).integer(0, Number.MAX_SAFE_INTEGER));
  }
  for (const role of ROLES) {
    const token = declared.get(role) ?? usual[role];
    if (token === undefined || seen.has(token.content)) continue;
    const id = vocabulary.get(token.content) ?? extra.get(token.content);
    if (id === undefined) continue;
    seen.add(token.content);
    list.push(addedToken({ ...usual[role], ...token }, id, true));
  }
  for (const [content, id] of extra) if (!seen.has(content)) list.push(addedToken({ content }, id, false));
  return list.sort((a, b) => Number(a['id']) - Number(b['id']));
};

const lines = (text: string): string[] => {
  const all = text.split(/\r\n|\n/);
  if (all.at(-1) === '') all.pop();
  return all;
};

/** tokenizer.json as it would be for BERT's vocab.txt (also DistilBERT, ELECTRA). */
export const fromVocabularyText = (
  texts: Texts,
  config: JsonReader,
  declared: ReadonlyMap<Role, DeclaredToken>,
  tokenizerClass: TokenizerClass,
): Json => {
  vocabularyKind(tokenizerClass, 'bert');
  if (!config.get('do_basic_tokenize').boolean(true))
    throw config.get('do_basic_tokenize').fail('true, as words are not split otherwise');
  const vocabulary = new Map<string, number>();
  for (const [id, token] of lines(texts.get('vocab.txt') ?? '').entries()) vocabulary.set(token, id);
  const name = (role: Role, fallback: string): string => declared.get(role)?.content ?? fallback;
  const usual = {
    unk: { content: '[UNK]' },
    sep: { content: '[SEP]' },
    pad: { content: '[PAD]' },
    cls: { content: '[CLS]' },
    mask: { content: '[MASK]' },
  };
  const pair = (role: Role, fallback: string) => [name(role, fallback), vocabulary.get(name(role, fallback))];
  const [cls, sep] = [pair('cls', '[CLS]'), pair('sep', '[SEP]')];
  const known = cls[1] !== undefined && sep[1] !== undefined;
  const strip = config.get('strip_accents');
  return {
    added_tokens: addedTokens(texts, vocabulary, declared, usual),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.get('tokenize_chinese_chars').boolean(true),
      strip_accents: strip.missing ? null : strip.boolean(),
      lowercase: config.get('do_lower_case').boolean(true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: known ? { type: 'BertProcessing', cls, sep } : null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: name('unk', '[UNK]'),
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary),
    },
  };
};

/**
 * tokenizer.json as it would be for vocab.json and merges.txt: by the class of the tokenizer, and where none is named
 * RoBERTa's if there is a `<s>`, else GPT-2's.
 */
export const fromVocabularyAndMerges = (
  texts: Texts,
  config: JsonReader,
  declared: ReadonlyMap<Role, DeclaredToken>,
  tokenizerClass: TokenizerClass,
): Json => {
  const reader = JsonReader.parse('vocab.json', texts.get('vocab.json') ?? '');
  const vocabulary = new Map<string, number>();
  for (const token of Object.keys(reader.object()))
    vocabulary.set(token, reader.get(token).integer(0, Number.MAX_SAFE_INTEGER));
  const merges = lines(texts.get('merges.txt') ?? '').filter(
    (line) => line !== '' && !line.startsWith('#version'),
  );
  if (merges.length > MAX_MERGES)
    throw new TokenizerFormatError(
      'merges.txt',
      '',
      `${merges.length} lines`,
      `at most ${MAX_MERGES} (MAX_MERGES)`,
    );
  const guess = vocabulary.has('<s>') && vocabulary.has('</s>') ? 'roberta' : 'gpt2';
  const roberta = vocabularyKind(tokenizerClass, guess) === 'roberta';
  const usual: Partial<Record<Role, DeclaredToken>> = roberta
    ? {
        cls: { content: '<s>' },
        sep: { content: '</s>' },
        bos: { content: '<s>' },
        eos: { content: '</s>' },
        pad: { content: '<pad>' },
        unk: { content: '<unk>' },
        mask: { content: '<mask>', lstrip: true },
      }
    : {
        bos: { content: '<|endoftext|>' },
        eos: { content: '<|endoftext|>' },
        unk: { content: '<|endoftext|>' },
      };
  const prefixSpace = config.get('add_prefix_space').boolean(false);
  const name = (role: 'cls' | 'sep'): string => declared.get(role)?.content ?? usual[role]?.content ?? '';
  const ends = {
    cls: [name('cls'), vocabulary.get(name('cls'))],
    sep: [name('sep'), vocabulary.get(name('sep'))],
  };
  const start = declared.get('bos')?.content ?? usual.bos?.content ?? '';
  const bos = { SpecialToken: { id: start } };
  const startOfText = { [start]: { ids: [vocabulary.get(start)] } };
  return {
    added_tokens: addedTokens(texts, vocabulary, declared, usual),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: prefixSpace, trim_offsets: true },
    post_processor: roberta
      ? { type: 'RobertaProcessing', ...ends, trim_offsets: true, add_prefix_space: prefixSpace }
      : config.get('add_bos_token').boolean(false)
        ? {
            type: 'TemplateProcessing',
            single: [bos, { Sequence: { id: 'A' } }],
            special_tokens: startOfText,
          }
        : { type: 'ByteLevel', trim_offsets: true, add_prefix_space: prefixSpace },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: reader.value, merges },
  };
};
