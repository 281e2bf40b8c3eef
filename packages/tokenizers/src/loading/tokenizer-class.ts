import { UnsupportedTokenizerClassError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';

/** The kind of vocabulary files of a model without tokenizer.json. */
export type VocabularyKind = 'bert' | 'roberta' | 'gpt2';

const names = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Classes of transformers by the files that they read without tokenizer.json; `Fast` at the end is left out. */
const BERT = names(
  `BertTokenizer ConvBertTokenizer DPRContextEncoderTokenizer DPRQuestionEncoderTokenizer DPRReaderTokenizer
  DistilBertTokenizer ElectraTokenizer LayoutLMTokenizer LxmertTokenizer MobileBertTokenizer RealmTokenizer
  RetriBertTokenizer SqueezeBertTokenizer`,
);
const ROBERTA = names('BartTokenizer LEDTokenizer LongformerTokenizer RobertaTokenizer');
const GPT2 = names('GPT2Tokenizer GPTNeoXTokenizer CodeGenTokenizer');

/** Classes whose normalizer follows tokenizer_config.json, also where there is a tokenizer.json. */
const BERT_OPTIONS = new Set([
  ...BERT,
  ...names('FunnelTokenizer LayoutLMv2Tokenizer MPNetTokenizer SplinterTokenizer'),
]);

/** Classes that put a space before a text as `add_prefix_space` says. */
const SPACE_BEFORE = names('CodeLlamaTokenizer CohereTokenizer GemmaTokenizer LlamaTokenizer');

/** Classes of transformers that split words by a program of their own, which a tokenizer.json does not hold. */
const OWN_PROGRAM = names(
  `BertGenerationTokenizer BertJapaneseTokenizer BertweetTokenizer BioGptTokenizer ByT5Tokenizer CTRLTokenizer
  CanineTokenizer ClvpTokenizer CpmAntTokenizer CpmTokenizer ErnieMTokenizer EsmTokenizer FSMTTokenizer
  FlaubertTokenizer GPTNeoXJapaneseTokenizer GPTSw3Tokenizer JukeboxTokenizer LukeTokenizer M2M100Tokenizer
  MLukeTokenizer MarianTokenizer MgpstrTokenizer MistralCommonBackend MistralCommonTokenizer MyT5Tokenizer
  PLBartTokenizer PerceiverTokenizer PhobertTokenizer ProphetNetTokenizer RoCBertTokenizer RoFormerTokenizer
  SiglipTokenizer Speech2Text2Tokenizer Speech2TextTokenizer SpeechT5Tokenizer TapasTokenizer TapexTokenizer
  TransfoXLTokenizer VitsTokenizer Wav2Vec2CTCTokenizer Wav2Vec2PhonemeCTCTokenizer XLMProphetNetTokenizer
  XLMTokenizer`,
);

/** Classes that leave everything to tokenizer.json. */
const OTHERS = names(
  `AlbertTokenizer BigBirdTokenizer BloomTokenizer CLIPTokenizer CamembertTokenizer DebertaTokenizer
  DebertaV2Tokenizer PreTrainedTokenizer Qwen2Tokenizer RemBertTokenizer T5Tokenizer TokenizersBackend
  WhisperTokenizer XLMRobertaTokenizer XLNetTokenizer`,
);

/** Kinds of model whose class is one of the above when no file names it. */
const BY_MODEL: Readonly<Record<string, VocabularyKind>> = {
  bart: 'roberta',
  bert: 'bert',
  convbert: 'bert',
  distilbert: 'bert',
  dpr: 'bert',
  electra: 'bert',
  gpt2: 'gpt2',
  gpt_neo: 'gpt2',
  gpt_neox: 'gpt2',
  gptj: 'gpt2',
  layoutlm: 'bert',
  led: 'roberta',
  longformer: 'roberta',
  lxmert: 'bert',
  mobilebert: 'bert',
  opt: 'gpt2',
  roberta: 'roberta',
  'roberta-prelayernorm': 'roberta',
  squeezebert: 'bert',
};

const CONVERT =
  'Let transformers write a tokenizer.json where it can: ' +
  "AutoTokenizer.from_pretrained('model', use_fast=True).save_pretrained('model'); else use another model.";

/** The class of a model's tokenizer, as its files declare it. */
export interface TokenizerClass {
  /** Where the class is named, for errors. */
  readonly file: string;
  /** Without `Fast` at the end; undefined where no file names it. */
  readonly name: string | undefined;
  readonly modelType: string | undefined;
}

const text = (reader: JsonReader): string | undefined => (reader.missing ? undefined : reader.string());

/**
 * The class of the tokenizer, as transformers finds it: tokenizer_config.json before config.json.
 *
 * @throws UnsupportedTokenizerClassError for a class that a tokenizer.json does not replace, and for code in a repository
 */
export const readTokenizerClass = (config: JsonReader, model: JsonReader): TokenizerClass => {
  const own = text(config.get('tokenizer_class'));
  const named = own ?? text(model.get('tokenizer_class'));
  const file = own === undefined ? model.file : config.file;
  const name = named?.replace(/Fast$/, '');
  const refuse = (found: string, why: string): never => {
    throw new UnsupportedTokenizerClassError(file, found, why, CONVERT);
  };
  if (name !== undefined && (OWN_PROGRAM.has(name) || /Japanese|Jieba|MeCab|Jumanpp|Sudachi/i.test(name)))
    refuse(`the tokenizer class ${named}`, 'which splits words by a program of its own');
  for (const reader of [config, model]) {
    const map = reader.get('auto_map');
    const code = typeof map.value === 'object' && !map.missing ? map.get('AutoTokenizer') : undefined;
    if (code === undefined || code.missing || (name !== undefined && isKnown(name))) continue;
    throw new UnsupportedTokenizerClassError(
      reader.file,
      `the tokenizer class ${named ?? '(none)'} with code of the repository (auto_map)`,
      'which is not run',
      'If its tokenizer.json alone decides, write "tokenizer_class": "PreTrainedTokenizerFast" and take ' +
        'AutoTokenizer out of auto_map; else use another model.',
    );
  }
  const words = config.get('word_tokenizer_type');
  if (!words.missing && words.value !== 'basic' && (name === undefined || !isKnown(name)))
    refuse(
      `word_tokenizer_type ${JSON.stringify(words.value)}`,
      'which splits words by a program of its own',
    );
  if (config.get('split_special_tokens').boolean(false))
    refuse('split_special_tokens', 'which takes special tokens apart');
  return { file, name, modelType: text(model.get('model_type')) };
};

const isKnown = (name: string): boolean =>
  BERT_OPTIONS.has(name) || ROBERTA.has(name) || GPT2.has(name) || SPACE_BEFORE.has(name) || OTHERS.has(name);

/** Whether do_lower_case and the like in tokenizer_config.json change what tokenizer.json says. */
export const followsBertOptions = ({ name }: TokenizerClass): boolean =>
  name === undefined || BERT_OPTIONS.has(name);

export const putsSpaceBefore = ({ name }: TokenizerClass): boolean =>
  name !== undefined && SPACE_BEFORE.has(name);

/** Whether the class leaves everything to tokenizer.json. */
export const isGeneric = ({ name }: TokenizerClass): boolean =>
  name === 'PreTrainedTokenizer' || name === 'TokenizersBackend';

/** Whether the class puts no space before a text unless an option says so, whatever tokenizer.json says. */
export const lacksPrefixSpace = ({ name }: TokenizerClass): boolean =>
  name !== undefined && (ROBERTA.has(name) || GPT2.has(name));

/**
 * The tokenizer that the vocabulary files make. Where nothing names it, the files do: vocab.txt is BERT's.
 *
 * @param guess the kind that the names and the contents of the files suggest
 * @throws UnsupportedTokenizerClassError when they belong to another tokenizer
 */
export const vocabularyKind = (
  { file, name, modelType }: TokenizerClass,
  guess: VocabularyKind,
): VocabularyKind => {
  const generic = name === undefined || name === 'PreTrainedTokenizer' || name === 'TokenizersBackend';
  const named = BERT.has(name!)
    ? 'bert'
    : ROBERTA.has(name!)
      ? 'roberta'
      : GPT2.has(name!)
        ? 'gpt2'
        : undefined;
  const known = generic && modelType !== undefined && Object.hasOwn(BY_MODEL, modelType);
  const kind = generic ? (known ? BY_MODEL[modelType] : modelType === undefined ? guess : undefined) : named;
  if (kind !== undefined && (kind === 'bert') === (guess === 'bert')) return kind;
  const vocabulary = guess === 'bert' ? 'vocab.txt' : 'vocab.json and merges.txt';
  throw new UnsupportedTokenizerClassError(
    file,
    generic ? `the model type ${JSON.stringify(modelType)}` : `the tokenizer class ${name}`,
    `whose ${vocabulary} without tokenizer.json cannot be read`,
    CONVERT,
  );
};
