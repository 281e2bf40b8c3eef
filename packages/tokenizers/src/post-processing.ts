import type { JsonReader } from './json-reader.js';
import { MAX_NESTING, MAX_STEPS } from './limits.js';
import type { Vocabulary } from './models/subword-model.js';

/** The rules of tokenizer.json's post-processor for single texts. */
export interface PostProcessing {
  /** Special tokens around a text, as `[CLS] … [SEP]`. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Offsets leave out the white space of byte-level tokens; `prefixSpace` when one was put in. */
  readonly trim: { readonly prefixSpace: boolean } | undefined;
}

const KINDS = ['TemplateProcessing', 'BertProcessing', 'RobertaProcessing', 'ByteLevel', 'Sequence'] as const;
const NOTHING: PostProcessing = { before: [], after: [], trim: undefined };

const readTemplate = (reader: JsonReader): PostProcessing => {
  const before: number[] = [];
  const after: number[] = [];
  let target = before;
  for (const item of reader.get('single').items().slice(0, MAX_STEPS)) {
    const special = item.get('SpecialToken');
    if (special.missing) {
      target = after;
      continue;
    }
    const name = special.get('id').string();
    const ids = reader.get('special_tokens').get(name).get('ids');
    if (ids.array().length > MAX_STEPS) throw ids.fail(`at most ${MAX_STEPS} ids`);
    for (const id of ids.items()) target.push(id.integer(0, Number.MAX_SAFE_INTEGER));
  }
  return { before, after, trim: undefined };
};

const readPair = (reader: JsonReader, vocabulary: Vocabulary): number => {
  const [token, id] = reader.items();
  if (token === undefined || id === undefined) throw reader.fail('a token and its id');
  return vocabulary.ids.get(token.string()) ?? id.integer(0, Number.MAX_SAFE_INTEGER);
};

const trimOf = (reader: JsonReader): PostProcessing['trim'] =>
  reader.get('trim_offsets').boolean(true)
    ? { prefixSpace: reader.get('add_prefix_space').boolean(true) }
    : undefined;

/** Reads `post_processor`; nothing for null. */
export const readPostProcessing = (reader: JsonReader, vocabulary: Vocabulary, depth = 0): PostProcessing => {
  if (reader.missing) return NOTHING;
  if (depth > MAX_NESTING) throw reader.fail(`at most ${MAX_NESTING} sequences inside each other`);
  const type = reader.get('type').string();
  if (type === 'TemplateProcessing') return readTemplate(reader);
  if (type === 'ByteLevel') return { ...NOTHING, trim: trimOf(reader) };
  if (type === 'BertProcessing' || type === 'RobertaProcessing')
    return {
      before: [readPair(reader.get('cls'), vocabulary)],
      after: [readPair(reader.get('sep'), vocabulary)],
      trim: type === 'RobertaProcessing' ? trimOf(reader) : undefined,
    };
  if (type === 'Sequence') {
    let all = NOTHING;
    for (const item of reader.get('processors').items().slice(0, MAX_STEPS)) {
      const next = readPostProcessing(item, vocabulary, depth + 1);
      all = {
        before: [...next.before, ...all.before],
        after: [...all.after, ...next.after],
        trim: next.trim ?? all.trim,
      };
    }
    return all;
  }
  throw reader.get('type').unsupported(KINDS);
};
