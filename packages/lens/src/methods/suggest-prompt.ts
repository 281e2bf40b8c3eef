import {
  BadArgumentError,
  type Example,
  type LongTaskOptions,
  ndarray,
  throwIfCancelled,
} from '@ntk-lens/core';
import {
  candidateTemplates,
  checkTemplate,
  compareScores,
  compileTemplate,
  createVerbalizer,
  parseTemplate,
  possibleWords,
  rateLabelWords,
  type ScoredWords,
  searchLabelWords,
  sentenceLimits,
  type WordToken,
} from '@ntk-lens/prompts';
import { NoLabelWordsError } from '../errors.js';
import type { Session } from '../session/session.js';
import type { PromptOptions } from '../task/task-options.js';
import { logProbabilities } from './forward.js';

/** Options of `lens.suggestPrompt`: a given part is not searched. */
export interface SuggestPromptOptions extends LongTaskOptions {
  /** Templates to try. Default: `candidateTemplates` of `@ntk-lens/prompts`. */
  readonly templates?: readonly string[];
  /** Label words to try with each of them. Default: they are searched. */
  readonly words?: Readonly<Record<string, string>>;
  /** The name of the labels, such as that of their column. */
  readonly labelName?: string;
  /** Most tokens of a prompt. Default: 128. */
  readonly maxLength?: number;
}

/** A prompt that was tried, and how well the model tells the training examples apart by it, untrained. */
export interface TriedPrompt extends Omit<ScoredWords, 'from'> {
  readonly template: string;
  readonly from: ScoredWords['from'] | 'given';
}

/** A prompt for a task. */
export interface PromptSuggestion
  extends Required<Pick<PromptOptions, 'template' | 'words' | 'firstSentenceLimit'>>,
    Pick<PromptOptions, 'otherSentenceLimit'> {
  /** All that was tried, the best first. */
  readonly tried: readonly TriedPrompt[];
}

/** Log-probabilities that are held at a time. */
const HELD = 2 ** 25;

/** `lens.suggestPrompt`: the template and the label words that fit training examples best. */
export const suggestPrompt = async (
  session: Session,
  examples: readonly Example[],
  { templates, words, labelName, maxLength = 128, ...long }: SuggestPromptOptions = {},
): Promise<PromptSuggestion> => {
  const { tokenizer, objective } = session;
  const texts = examples[0]?.texts.length ?? 1;
  const names = words ? Object.keys(words) : [...new Set(examples.map(({ label }) => label))].sort();
  if (names.length < 2) throw new BadArgumentError('examples', `${names.length} labels`, 'two or more');
  const sources = templates ?? candidateTemplates({ texts, objective, labelName });
  const parsed = sources.map((source) => parseTemplate(source));
  for (const template of parsed) checkTemplate(template, { texts, labels: names.length });
  const most = Math.min(maxLength, session.maxTokens);
  const limits = sentenceLimits(parsed, tokenizer, { texts, maxLength: most, objective });
  const tokens = possibleWords(tokenizer);
  const used = inOneOrder(
    examples,
    names,
    Math.floor(HELD / Math.max(tokens.length * parsed.length, 1) / names.length),
  );
  const encoded = parsed.flatMap((template) => {
    const encode = compileTemplate(template, tokenizer, { maxLength: most, objective, ...limits });
    return used.map((example) => {
      const { inputIds, position } = encode(example.texts);
      return { inputIds, position };
    });
  });
  // All templates go through the model together: its weights are read once.
  const read = words ? wordTokens(words, session) : tokens;
  const ids = read.map(({ id }) => id);
  const { data } = await logProbabilities(session, encoded, ids, long);
  const labels = used.map(({ label }) => label);
  const size = used.length * read.length;
  const tried = sources.flatMap((template, i): readonly TriedPrompt[] => {
    throwIfCancelled(long.signal, 'The search of a prompt');
    const own = data.subarray(i * size, (i + 1) * size);
    const logProbabilities = ndarray<'float64'>(own, [used.length, read.length]);
    const found = words
      ? [
          {
            words,
            from: 'given' as const,
            ...rateLabelWords({ logProbabilities, labels }, names, [...names.keys()]),
          },
        ]
      : searchLabelWords({ labels, names, tokenizer, tokens, logProbabilities });
    return found.map((one) => ({ template, ...one }));
  });
  const [best, ...others] = [...tried].sort(compareScores);
  if (!best) throw new NoLabelWordsError(names);
  return { template: best.template, words: best.words, ...limits, tried: [best, ...others] };
};

/**
 * The examples in an order that neither the order in which they came nor their labels change, so that sums are the same to the
 * last bit; of each label no more than `most`.
 */
const inOneOrder = (
  examples: readonly Example[],
  names: readonly string[],
  most: number,
): readonly Example[] => {
  const key = ({ texts }: Example): string => JSON.stringify(texts);
  const sorted = examples
    .map((example) => ({ example, key: key(example) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ example }) => example);
  const left = new Map(names.map((name) => [name, Math.max(most, 1)]));
  return sorted.filter(({ label }) => {
    const room = left.get(label) ?? 0;
    left.set(label, room - 1);
    return room > 0;
  });
};

/** First tokens of given words. */
const wordTokens = (words: Readonly<Record<string, string>>, { tokenizer }: Session): readonly WordToken[] =>
  createVerbalizer(words, Object.keys(words), tokenizer, { rule: 'first' }).words.map(({ word, ids }) => ({
    word,
    id: ids[0]!,
  }));
