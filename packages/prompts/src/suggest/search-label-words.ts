import { BadArgumentError, type NDArray, type Tokenizer } from '@ntk-lens/core';
import { isWholeWord, type WordToken, wordsOfLabel } from './whole-words.js';

/** The input of a search for label words. */
export interface LabelWordSearch {
  /** log p(token | prompt of the example) at the mask, `[examples, tokens]`, of training examples. */
  readonly logProbabilities: NDArray<'float64'>;
  /** The columns: words of the vocabulary. */
  readonly tokens: readonly WordToken[];
  /** Label of every example, one of `names`. */
  readonly labels: readonly string[];
  /** All labels. */
  readonly names: readonly string[];
  readonly tokenizer: Tokenizer;
}

/** Words of all labels, and how well they tell the training examples apart. */
export interface ScoredWords {
  readonly words: Readonly<Record<string, string>>;
  /** `names`: the labels' own names; `predicted`: words that the model predicts. */
  readonly from: 'names' | 'predicted';
  /** Share of the examples whose likeliest word is that of their label. */
  readonly accuracy: number;
  /** Mean over the examples of log softmax of the label's word among the words of all labels. */
  readonly logLikelihood: number;
}

/** Words that are likely for a label at all, of which those are taken that are least likely for the others. */
const LIKELY = 1000;
/** Words of a label that are tried in all combinations that single changes reach. */
const TRIED = 10;
/** Combinations that the search starts from. */
const STARTS = 3;
/** Parts of the examples by which predicted words are rated. */
const FOLDS = 4;

/**
 * Label words from the predictions of a model at the mask of training examples, after Gao, Fisch and Chen
 * 2021 (LM-BFF, section 5.1, "Automatic selection of label words"). Every label gets a short list of words,
 * and the combination that fits best is taken.
 *
 * The list of a label c holds its own name and ten more words. These are taken from the 1,000 words v with
 * the largest mean of log p(v | prompt) over its examples: the ten with the largest difference to that mean
 * over the examples of the other labels. LM-BFF takes the largest means themselves, which favours words that
 * are likely for all labels. A combination is rated by the mean log-likelihood of the labels, and single
 * words are changed as long as one change raises it.
 *
 * Words that were chosen by some examples fit these better than others. So the ratings that are returned are
 * cross-validated: each quarter of the examples of every label is rated by the words that the other three
 * choose. The labels' own names, which no example chose, are rated on all of them. With one example of a
 * label there are no parts, and the words are rated as they were chosen.
 *
 * Ties go to the lower token id. Neither the order of `names` nor what labels are called changes the words
 * that are predicted, unless the name of a label is a word itself.
 *
 * @example
 * ```ts
 * const labels = ['spam', 'ham', 'ham', 'spam'];
 * const [best] = searchLabelWords({ logProbabilities, tokens, labels, names: ['ham', 'spam'], tokenizer });
 * best.words; // a word for each label, such as 'meeting' and 'free'
 * ```
 * @returns the best first; empty where the vocabulary has not a word for every label
 * @throws BadArgumentError for a label without an example
 */
export const searchLabelWords = (search: LabelWordSearch): readonly ScoredWords[] => {
  const { labels, names, tokens, tokenizer } = search;
  const without = names.find((name) => !labels.includes(name));
  if (without !== undefined)
    throw new BadArgumentError('labels', `no example of ${without}`, 'one of every label');
  // In the order in which the examples have them: the names and their order play no part.
  const order = [...new Set(labels)];
  const columnOf = new Map(tokens.map(({ id }, k) => [id, k]));
  const own = order.map((name) => wordsOfLabel(name, tokenizer).flatMap(({ id }) => columnOf.get(id) ?? []));
  const rate = (columns: readonly number[], rows?: readonly number[]): Rating =>
    rateLabelWords(search, order, columns, rows);
  const searchIn = (rows: readonly number[]): readonly number[] | undefined =>
    bestCombination(shortLists(search, order, own, rows), (columns) => rate(columns, rows).logLikelihood);
  const scored = (from: ScoredWords['from'], columns: readonly number[], rating: Rating): ScoredWords => ({
    words: Object.fromEntries(names.map((name) => [name, tokens[columns[order.indexOf(name)]!]!.word])),
    from,
    ...rating,
  });
  const all = [...labels.keys()];
  const named = distinct(own);
  const found = searchIn(all);
  return [
    ...(named ? [scored('names', named, rate(named))] : []),
    ...(found
      ? [scored('predicted', found, crossValidated(all, labels, searchIn, rate) ?? rate(found))]
      : []),
  ].sort(compareScores);
};

/** Ratings of every part of the examples by the words that the other parts choose; undefined where there are no two parts. */
const crossValidated = (
  all: readonly number[],
  labels: readonly string[],
  searchIn: (rows: readonly number[]) => readonly number[] | undefined,
  rate: (columns: readonly number[], rows: readonly number[]) => Rating,
): Rating | undefined => {
  const seen = new Map<string, number>();
  const places = labels.map((label) => {
    const place = seen.get(label) ?? 0;
    seen.set(label, place + 1);
    return place;
  });
  const folds = Math.min(FOLDS, ...seen.values());
  if (folds < 2) return undefined;
  let [accuracy, logLikelihood] = [0, 0];
  for (let fold = 0; fold < folds; fold++) {
    const held = all.filter((i) => places[i]! % folds === fold);
    const words = searchIn(all.filter((i) => places[i]! % folds !== fold));
    if (!words) return undefined;
    const rating = rate(words, held);
    accuracy += rating.accuracy * (held.length / all.length);
    logLikelihood += rating.logLikelihood * (held.length / all.length);
  }
  return { accuracy, logLikelihood };
};

/** Better ones first: by log-likelihood, then by accuracy; equal ones stay as they are. */
export const compareScores = (
  a: Pick<ScoredWords, 'accuracy' | 'logLikelihood'>,
  b: Pick<ScoredWords, 'accuracy' | 'logLikelihood'>,
): number => b.logLikelihood - a.logLikelihood || b.accuracy - a.accuracy;

type Rating = Pick<ScoredWords, 'accuracy' | 'logLikelihood'>;

/**
 * Rates one word for each label.
 *
 * @param names labels in the order of the words
 * @param columns the column of each label's word
 * @param rows examples that count; default: all
 */
export const rateLabelWords = (
  { logProbabilities: { data, shape }, labels }: Pick<LabelWordSearch, 'logProbabilities' | 'labels'>,
  names: readonly string[],
  columns: readonly number[],
  rows: readonly number[] = [...labels.keys()],
): Rating => {
  const place = new Map(names.map((name, c) => [name, c]));
  let [right, total] = [0, 0];
  for (const i of rows) {
    const label = place.get(labels[i]!)!;
    const scores = columns.map((column) => data[i * shape[1]! + column]!);
    const most = Math.max(...scores);
    const sum = scores.reduce((all, score) => all + Math.exp(score - most), 0);
    total += scores[label]! - most - Math.log(sum);
    if (scores.indexOf(most) === label) right++;
  }
  return { accuracy: right / rows.length, logLikelihood: total / rows.length };
};

/** Mean log-probability of every token over the examples of every label. */
const meansOf = (
  { logProbabilities: { data, shape }, labels }: LabelWordSearch,
  order: readonly string[],
  rows: readonly number[],
): readonly Float64Array[] =>
  order.map((name) => {
    const width = shape[1]!;
    const sum = new Float64Array(width);
    let count = 0;
    for (const i of rows) {
      if (labels[i] !== name) continue;
      count++;
      for (let k = 0; k < width; k++) sum[k]! += data[i * width + k]!;
    }
    return sum.map((value) => value / count);
  });

const largest = (columns: readonly number[], value: (column: number) => number): readonly number[] =>
  columns
    .map((column) => [column, value(column)] as const)
    .sort(([a, x], [b, y]) => y - x || a - b)
    .map(([column]) => column);

/** The columns of the `most` largest values, the first of equal ones, in the order of the columns. */
const mostOf = (values: Float64Array, most: number): readonly number[] => {
  const least = values.toSorted().at(-most) ?? Number.NEGATIVE_INFINITY;
  let room = most - values.reduce((count, value) => count + (value > least ? 1 : 0), 0);
  return Array.from(values.keys()).filter((k) => values[k]! > least || (values[k] === least && room-- > 0));
};

/** For every label its own name, and the words that are likely for it and for no other. */
const shortLists = (
  search: LabelWordSearch,
  order: readonly string[],
  own: readonly (readonly number[])[],
  rows: readonly number[],
): readonly (readonly number[])[] => {
  const { tokens, tokenizer } = search;
  const means = meansOf(search, order, rows);
  return means.map((mean, c) => {
    const others = means.filter((_, d) => d !== c);
    const difference = (k: number): number =>
      mean[k]! - others.reduce((sum, other) => sum + other[k]!, 0) / Math.max(others.length, 1);
    const likely = mostOf(mean, LIKELY);
    const words: number[] = [];
    for (const k of largest(likely, difference)) {
      if (words.length === TRIED) break;
      if (isWholeWord(tokens[k]!, tokenizer)) words.push(k);
    }
    return [...new Set([...words, ...own[c]!.slice(0, 1)])];
  });
};

/** The first word of every list, from the `start`-th on, that no list before has taken; undefined where one has none left. */
const distinct = (lists: readonly (readonly number[])[], start = 0): readonly number[] | undefined => {
  const taken: number[] = [];
  for (const list of lists) {
    const next = [...list.slice(start), ...list.slice(0, start)].find((k) => !taken.includes(k));
    if (next === undefined) return undefined;
    taken.push(next);
  }
  return taken;
};

/** The best combination that single changes reach from the first words of the lists, the second, and the third. */
const bestCombination = (
  lists: readonly (readonly number[])[],
  rate: (columns: readonly number[]) => number,
): readonly number[] | undefined => {
  let best: { readonly words: readonly number[]; readonly value: number } | undefined;
  for (let start = 0; start < STARTS; start++) {
    const first = distinct(lists, start);
    if (!first) continue;
    let words = [...first];
    let value = rate(words);
    for (let changed = true; changed; ) {
      changed = false;
      for (const [c, list] of lists.entries())
        for (const k of list) {
          if (words.includes(k)) continue;
          const other = words.with(c, k);
          const rated = rate(other);
          if (rated > value) [words, value, changed] = [other, rated, true];
        }
    }
    if (!best || value > best.value) best = { words, value };
  }
  return best?.words;
};
