import type { JsonReader } from '../json-reader.js';
import { MAX_VOCABULARY_SIZE } from '../limits.js';
import type { Work } from '../work.js';
import { checkTokenLength, checkVocabularySize } from './read-vocabulary.js';
import { scoreAsRead } from './score-as-read.js';
import { SortedTokens } from './sorted-tokens.js';
import type { SubwordModel, WordTokens } from './subword-model.js';

/** Score of an unknown character below the least likely token. */
const UNKNOWN_PENALTY = 10;
const encoder = new TextEncoder();

/** Unigram: the segmentation with the highest sum of log-probabilities (Viterbi), unknown neighbours fused. */
export const createUnigram = (reader: JsonReader, work: Work): SubwordModel => {
  const vocab = reader.get('vocab');
  const list = vocab.array();
  checkVocabularySize(reader.file, list.length);
  const ids = new Map<string, number>();
  const tokens: string[] = [];
  const scores = new Float64Array(list.length);
  let lowest = Number.POSITIVE_INFINITY;
  for (const [id, entry] of list.entries()) {
    const pair: unknown = entry;
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || typeof pair[1] !== 'number')
      throw vocab.items()[id]!.fail('a token and its score');
    checkTokenLength(reader.file, pair[0]);
    ids.set(pair[0], id);
    tokens.push(pair[0]);
    const score = scoreAsRead(pair[1]);
    scores[id] = score;
    lowest = Math.min(lowest, score);
  }
  const unknownField = reader.get('unk_id');
  const unknownId = unknownField.missing ? -1 : unknownField.integer(0, MAX_VOCABULARY_SIZE);
  if (unknownId >= tokens.length) throw unknownField.fail(`an id below ${tokens.length}`);
  const unknownScore = lowest - UNKNOWN_PENALTY;
  const fallback = reader.get('byte_fallback').boolean(false);
  const fallbackIds = Array.from({ length: 256 }, (_, byte) =>
    ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  const sorted = new SortedTokens(ids);

  /** Bounds of the tokens of the best segmentation, from the end to the start. */
  const bestPath = (text: string): number[] => {
    const n = text.length;
    const score = new Float64Array(n + 1);
    const from = new Int32Array(n + 1).fill(-1);
    const best = new Int32Array(n + 1);
    const offer = (start: number, end: number, id: number, value: number): void => {
      const candidate = value + score[start]!;
      if (from[end] === -1 || candidate > score[end]!) {
        score[end] = candidate;
        from[end] = start;
        best[end] = id;
      }
    };
    for (let start = 0; start < n; ) {
      const step = text.codePointAt(start)! > 0xffff ? 2 : 1;
      let single = false;
      const looked = sorted.prefixes(text, start, (id, end) => {
        offer(start, end, id, scores[id]!);
        single ||= end - start === step;
      });
      work.spend(looked);
      if (!single) {
        if (unknownId < 0)
          throw unknownField.fail(
            `the id of the token for unknown characters, which ${JSON.stringify(text.slice(start, start + step))} needs`,
          );
        offer(start, start + step, unknownId, unknownScore);
      }
      start += step;
    }
    const bounds: number[] = [n];
    let lastUnknown = false;
    for (let end = n; end > 0; ) {
      const start = from[end]!;
      if (lastUnknown && best[end] === unknownId) bounds[bounds.length - 1] = start;
      else bounds.push(start);
      lastUnknown = best[end] === unknownId;
      end = start;
    }
    return bounds;
  };

  const tokenize = (word: string): WordTokens => {
    const result = { ids: [] as number[], starts: [] as number[], ends: [] as number[] };
    const add = (id: number, start: number, end: number): void => {
      result.ids.push(id);
      result.starts.push(start);
      result.ends.push(end);
    };
    const bounds = bestPath(word);
    for (let k = bounds.length - 1; k > 0; k--) {
      const start = bounds[k]!;
      const end = bounds[k - 1]!;
      const part = word.slice(start, end);
      const id = ids.get(part);
      if (id !== undefined) {
        add(id, start, end);
        continue;
      }
      const bytes = fallback ? Array.from(encoder.encode(part), (byte) => fallbackIds[byte]) : undefined;
      if (bytes?.every((byte) => byte !== undefined)) for (const byte of bytes) add(byte, start, end);
      else add(unknownId, start, end);
    }
    return result;
  };
  return { vocabulary: { ids, tokens }, unknown: unknownId < 0 ? undefined : tokens[unknownId], tokenize };
};
