import { refuseStrayContent } from '@ntk-lens/core';
import { readAddedTokens } from '../added-tokens.js';
import { createDecoder } from '../decoders/create-decoder.js';
import { TokenizerFilesMissingError } from '../errors.js';
import { JsonReader } from '../json-reader.js';
import { LoadedTokenizer } from '../loaded-tokenizer.js';
import { createBytePairEncoding } from '../models/byte-pair-encoding.js';
import type { SubwordModel } from '../models/subword-model.js';
import { createUnigram } from '../models/unigram.js';
import { createWordLevel } from '../models/word-level.js';
import { createWordPiece } from '../models/word-piece.js';
import { createNormalizers } from '../normalizers/create-normalizers.js';
import { type PostProcessing, readPostProcessing } from '../post-processing.js';
import { createPreTokenization } from '../pre-tokenizers/create-pre-tokenizer.js';
import { Work } from '../work.js';
import {
  additionalTokens,
  type DeclaredToken,
  declaredTokens,
  type Role,
  resolveSpecialTokens,
} from './special-tokens.js';
import {
  followsBertOptions,
  isGeneric,
  lacksPrefixSpace,
  putsSpaceBefore,
  readTokenizerClass,
  type TokenizerClass,
} from './tokenizer-class.js';
import { filesAsText, type TokenizerFileName, type TokenizerFiles } from './tokenizer-files.js';
import { fromVocabularyAndMerges, fromVocabularyText } from './tokenizer-from-vocabulary.js';

const MODELS = ['WordPiece', 'BPE', 'Unigram', 'WordLevel'] as const;

/** Older files leave the type out; the other fields tell. */
const modelType = (reader: JsonReader): string => {
  const type = reader.get('type');
  if (!type.missing) return type.string();
  if (!reader.get('merges').missing) return 'BPE';
  if (Array.isArray(reader.get('vocab').value)) return 'Unigram';
  return 'WordPiece';
};

const createModel = (reader: JsonReader, bytes: boolean, work: Work): SubwordModel => {
  const type = modelType(reader);
  if (type === 'BPE') return createBytePairEncoding(reader, bytes);
  if (type === 'WordPiece') return createWordPiece(reader, work);
  if (type === 'Unigram') return createUnigram(reader, work);
  if (type === 'WordLevel') return createWordLevel(reader);
  throw reader.get('type').unsupported(MODELS);
};

/** `part` of tokenizer.json with what tokenizer_config.json says otherwise, as Hugging Face lets it. */
const overridden = (
  part: JsonReader,
  types: readonly string[],
  config: JsonReader,
  options: Readonly<Record<string, string>>,
): JsonReader => {
  if (part.missing || !types.some((type) => part.get('type').value === type)) return part;
  const changed: Record<string, unknown> = { ...part.object() };
  for (const [key, option] of Object.entries(options)) {
    const value = config.get(option);
    if (!value.missing) changed[key] = value.boolean();
  }
  return new JsonReader(part.file, changed, part.path);
};

const BERT_OPTIONS = {
  lowercase: 'do_lower_case',
  strip_accents: 'strip_accents',
  handle_chinese_chars: 'tokenize_chinese_chars',
};

/** A part in which `add_prefix_space` is what the class of the tokenizer makes of its option. */
const withPrefixSpace = (
  part: JsonReader,
  types: readonly string[],
  config: JsonReader,
  tokenizerClass: TokenizerClass,
): JsonReader => {
  const key = 'add_prefix_space';
  const option = config.get(key);
  const fallback = lacksPrefixSpace(tokenizerClass) ? { [key]: false } : {};
  const given = option.missing ? new JsonReader(config.file, fallback, config.path) : config;
  return overridden(part, types, given, { [key]: key });
};

/** The tokens that tokenizer_config.json lists by id take the place of those that tokenizer.json has, or join them. */
const withConfigured = (listed: JsonReader, config: JsonReader): JsonReader => {
  const extra = config.get('added_tokens_decoder');
  if (extra.missing) return listed;
  const tokens = new Map<unknown, unknown>();
  for (const item of listed.missing ? [] : listed.items()) tokens.set(item.get('content').value, item.value);
  for (const id of Object.keys(extra.object())) {
    const token = extra.get(id);
    const content = token.get('content').string();
    tokens.set(content, { ...(tokens.get(content) as object | undefined), ...token.object() });
  }
  return new JsonReader(listed.file, [...tokens.values()], listed.path);
};

/** Parts of a normalizer or pre-tokenizer, sequences laid flat. */
const partsOf = (part: JsonReader): readonly JsonReader[] => {
  if (part.missing) return [];
  const list = [part.get('normalizers'), part.get('pretokenizers')].find((inner) => !inner.missing);
  return list === undefined ? [part] : list.items().flatMap(partsOf);
};

/** transformers makes another tokenizer.json for these options, which needs files that are not read here. */
const refuseOtherPrefix = (root: JsonReader, config: JsonReader): void => {
  const option = config.get('add_prefix_space');
  if (option.value !== false) return;
  for (const part of [...partsOf(root.get('normalizer')), ...partsOf(root.get('pre_tokenizer'))]) {
    const type = part.get('type').value;
    const scheme = part.get('prepend_scheme').value;
    if (type === 'Prepend' || (type === 'Metaspace' && scheme !== 'never'))
      throw option.fail(`true, as ${root.file} puts a space before a text (${part.path})`);
  }
};

/** Translators put the token of a language around a text; it must be the one that the options name. */
const refuseOtherLanguage = (
  { before, after }: PostProcessing,
  language: JsonReader,
  idOf: (token: string) => number | undefined,
): void => {
  if (language.missing || [...before, ...after].includes(idOf(language.string()) ?? -1)) return;
  throw language.fail('the language whose token the post-processor of tokenizer.json puts around a text');
};

const assemble = (
  root: JsonReader,
  config: JsonReader,
  declared: ReadonlyMap<Role, DeclaredToken>,
  additional: readonly DeclaredToken[],
  tokenizerClass: TokenizerClass,
): LoadedTokenizer => {
  const work = new Work();
  const byteLevel = (part: JsonReader, types: readonly string[]): JsonReader =>
    root.file === 'tokenizer.json' && isGeneric(tokenizerClass)
      ? part
      : withPrefixSpace(part, types, config, tokenizerClass);
  const preTokenizer = byteLevel(root.get('pre_tokenizer'), ['ByteLevel']);
  const preTokenization = createPreTokenization(preTokenizer, work);
  const model = createModel(root.get('model'), preTokenization.bytes, work);
  const listed = readAddedTokens(withConfigured(root.get('added_tokens'), config), model.vocabulary);
  const names = new Set(listed.map((token) => token.content));
  // A special token that only the configuration names is still recognized in texts.
  const unlisted = [...declared.values(), ...additional].flatMap((token) => {
    const id = model.vocabulary.ids.get(token.content);
    if (id === undefined || names.has(token.content)) return [];
    names.add(token.content);
    const { content, lstrip = false, rstrip = false, singleWord = false, normalized = false } = token;
    return [{ content, id, lstrip, rstrip, singleWord, normalized, special: true }];
  });
  const addedTokens = [...listed, ...unlisted];
  const addedIds = new Map(addedTokens.map((token) => [token.content, token.id]));
  const idOf = (token: string): number | undefined => addedIds.get(token) ?? model.vocabulary.ids.get(token);
  const postProcessing = readPostProcessing(
    byteLevel(root.get('post_processor'), ['ByteLevel', 'RobertaProcessing']),
    model.vocabulary,
  );
  refuseOtherLanguage(postProcessing, config.get('src_lang'), idOf);
  if (putsSpaceBefore(tokenizerClass)) refuseOtherPrefix(root, config);
  return new LoadedTokenizer({
    addedTokens,
    normalizers: createNormalizers(
      followsBertOptions(tokenizerClass)
        ? overridden(root.get('normalizer'), ['BertNormalizer'], config, BERT_OPTIONS)
        : root.get('normalizer'),
      work,
    ),
    preTokenization,
    model,
    postProcessing,
    decode: createDecoder(root.get('decoder'), work),
    work,
    special: resolveSpecialTokens(declared, idOf, model.unknown),
  });
};

/** @param where name of the place of the files, for errors */
export const tokenizerFromTexts = (
  texts: ReadonlyMap<TokenizerFileName, string>,
  where: string,
): LoadedTokenizer => {
  for (const [name, text] of texts) refuseStrayContent(name, text, name.endsWith('.json') ? 'json' : 'text');
  const json = (name: TokenizerFileName): JsonReader => {
    const reader = JsonReader.parse(name, texts.get(name) ?? '{}');
    reader.object();
    return reader;
  };
  const config = json('tokenizer_config.json');
  const map = json('special_tokens_map.json');
  const declared = declaredTokens(config, map);
  const additional = additionalTokens(config, map);
  const tokenizerClass = readTokenizerClass(config, json('config.json'));
  if (texts.has('tokenizer.json'))
    return assemble(json('tokenizer.json'), config, declared, additional, tokenizerClass);
  if (texts.has('vocab.json') && texts.has('merges.txt'))
    return assemble(
      new JsonReader('vocab.json', fromVocabularyAndMerges(texts, config, declared, tokenizerClass)),
      config,
      declared,
      additional,
      tokenizerClass,
    );
  if (texts.has('vocab.txt'))
    return assemble(
      new JsonReader('vocab.txt', fromVocabularyText(texts, config, declared, tokenizerClass)),
      config,
      declared,
      additional,
      tokenizerClass,
    );
  throw new TokenizerFilesMissingError(where, [...texts.keys()]);
};

/**
 * Loads a Hugging Face tokenizer from the contents of its files.
 *
 * Enough are `tokenizer.json`, or `vocab.json` with `merges.txt` (byte-level BPE), or `vocab.txt` (WordPiece);
 * `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` are used where present, and so is what
 * the model's `config.json` says of the tokenizer's class. The result gives the same ids as the Rust library `tokenizers` for WordPiece, byte-pair encoding and Unigram.
 *
 * @example
 * ```ts
 * const tokenizer = await loadTokenizer({ 'tokenizer.json': await (await fetch('/tokenizer.json')).text() });
 * const { ids, offsets } = tokenizer.encodeWithOffsets('A great<mask> film.');
 * ```
 *
 * @param files contents by name, text or bytes; in Node also the path of a directory
 * @returns the tokenizer; special tokens that the model does not have are -1 in `special`
 * @throws TokenizerFilesMissingError, TokenizerFormatError, TokenizerTooLargeError, UnsupportedTokenizerError,
 *   UnsupportedTokenizerClassError, PatternError: the input cannot be used, and why
 */
export const loadTokenizer = async (files: TokenizerFiles): Promise<LoadedTokenizer> =>
  tokenizerFromTexts(filesAsText(files), 'The list of files');
