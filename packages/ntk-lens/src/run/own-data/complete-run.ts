import { ConflictingOptionsError, type Example, throwIfCancelled } from '@ntk-lens/core';
import { type EarlyLens, isDataFile, type Lens, prepareTask } from '@ntk-lens/lens';
import { candidateTemplates, parseTemplate, sentenceLimits, wordsOfLabel } from '@ntk-lens/prompts';
import { type FoundColumns, findColumnsIn, findTask } from '@ntk-lens/tasks';
import { defaultRunConfig, inFieldOrder, type RunConfig } from '../../options/run-config.js';
import { type SessionOptions, taskOptions, withLens } from '../with-lens.js';
import type { Suggestion } from './suggestion.js';
import { usualSizes } from './usual-sizes.js';

/** Options of {@link completeRun}. */
export interface CompleteRunOptions extends SessionOptions {
  /**
   * Refuses a run before a model is looked for. Label words are not known yet: labels stand in their place.
   *
   * @throws what the run would
   */
  readonly check?: (config: RunConfig) => void;
}

/** True where a task is named, by a flag or a file, whose labels and prompt the data then have. */
const namesTask = ({ task, sources }: RunConfig): boolean =>
  sources?.['task'] !== undefined || task !== defaultRunConfig.task;

/** True for a run whose data are a file of one's own, and which leaves something to find. */
const isOpen = (config: RunConfig): boolean => {
  const { data, textColumns, labelColumn, template, mapping } = config;
  if (!isDataFile(data)) return false;
  const columns = textColumns === undefined || labelColumn === undefined;
  if (namesTask(config)) return columns && findTask(config.task).kind === 'classification';
  return columns || template === undefined || mapping === undefined;
};

/**
 * Completes a run on a CSV, TSV or JSON-lines file of one's own, and works with it. Columns that are not
 * given are found (`findColumns` of @ntk-lens/tasks). Template and label words are suggested (`suggestPrompt`
 * of a session), from the training examples alone. Fewer `shots` are drawn where a label has not enough
 * examples for the usual ones, and 200 test examples are taken of more. Given options stay as they are. A run
 * that leaves nothing to find is passed on.
 *
 * With several seeds every training example of one sample may be a test example of another, and no prompt is
 * rated: the labels' own names are the words.
 *
 * @example
 * ```ts
 * await completeRun({ ...defaultRunConfig, data: 'tickets.csv' }, {}, async (config, { lens, suggestion }) => {
 *   console.log(suggestion?.columns, config.template, config.mapping);
 *   return runExperiment(config, { lens });
 * });
 * ```
 * @param work gets the completed run, with an open session where one was needed
 * @throws ColumnChoiceError, OneLabelError and others of data; NoLabelWordsError; ConflictingOptionsError
 * where several seeds need
 *   words that the labels' names do not give; what `check` and `work` throw; CancelledError
 */
export const completeRun = async <T>(
  config: RunConfig,
  { check, ...options }: CompleteRunOptions,
  work: (config: RunConfig, found: { readonly lens?: Lens; readonly suggestion?: Suggestion }) => Promise<T>,
): Promise<T> => {
  const { lens, signal } = options;
  throwIfCancelled(signal, 'The run');
  if (!isOpen(config)) return work(config, { lens });
  const named = namesTask(config);
  const labels = named ? findTask(config.task).labels : config.mapping && Object.keys(config.mapping);
  const { data, textColumns, labelColumn, delimiter } = config;
  const found = await findColumnsIn(data!, { textColumns, labelColumn, delimiter, labels });
  const columns = withFound(config, {
    textColumns: textColumns ?? [...found.textColumns],
    labelColumn: labelColumn ?? found.labelColumn,
  });
  const sized = named ? columns : withSizes(columns, found);
  if (named || (config.template !== undefined && config.mapping !== undefined)) {
    const suggestion = suggestionOf(sized, found);
    return work({ ...sized, suggestion }, { lens, suggestion });
  }
  const provisional = {
    ...sized,
    template: sized.template ?? candidateTemplates({ texts: found.textColumns.length })[0]!,
    mapping: sized.mapping ?? Object.fromEntries(found.labels.map((label) => [label, label])),
  };
  prepareTask(provisional.task, taskOptions(provisional));
  check?.(provisional);
  return withLens(
    config,
    options,
    (early) => trainingExamples(early, provisional, options),
    async (opened, examples) => {
      const { prompt, ...fields } = await suggestedPrompt(opened, sized, examples, found, options);
      const suggestion = { ...suggestionOf(sized, found), prompt };
      return work({ ...withFound(sized, fields), suggestion }, { lens: opened, suggestion });
    },
  );
};

/** Fields that a run lacks, with where they are from. */
const withFound = (config: RunConfig, fields: Partial<RunConfig>): RunConfig => {
  const added = Object.entries(fields).filter(
    ([name, value]) => value !== undefined && config[name as keyof RunConfig] !== value,
  );
  const sources = Object.fromEntries(added.map(([name]) => [name, 'suggestion' as const]));
  return inFieldOrder({
    ...config,
    ...Object.fromEntries(added),
    sources: { ...config.sources, ...sources },
  });
};

/** Shots and test examples, where none are given. */
const withSizes = (config: RunConfig, { counts }: FoundColumns): RunConfig => {
  const { sources, limitTest } = config;
  const usual = usualSizes(counts);
  const asked = sources?.['shots'] !== undefined || config.shots.join() !== defaultRunConfig.shots.join();
  const shots = asked || usual.shots === config.shots[0] ? config.shots : [usual.shots];
  const left = counts.reduce((sum, count) => sum + count, 0) - 2 * Math.max(...shots) * counts.length;
  return withFound(config, { shots, limitTest: limitTest ?? (left > usual.test ? usual.test : undefined) });
};

const suggestionOf = ({ shots, limitTest }: RunConfig, found: FoundColumns): Suggestion => {
  const rows = found.counts.reduce((sum, count) => sum + count, 0);
  const left = rows - 2 * Math.max(...shots) * found.labels.length;
  return {
    columns: {
      header: found.header,
      text: found.textColumns,
      label: found.labelColumn,
      otherTexts: found.otherTexts,
      otherLabels: found.otherLabels,
      all: found.columns.map(({ column }) => column),
    },
    rows,
    labels: Object.fromEntries(found.labels.map((label, i) => [label, found.counts[i]!])),
    shots,
    test: Math.min(left, limitTest ?? left),
  };
};

type Suggested = Pick<RunConfig, 'template' | 'mapping' | 'firstSentenceLimit' | 'otherSentenceLimit'> &
  Pick<Suggestion, 'prompt'>;

/**
 * The examples that prompts are rated on: training examples of every sample; none if there are several seeds.
 */
const trainingExamples = async (
  lens: EarlyLens,
  config: RunConfig,
  { signal }: SessionOptions,
): Promise<readonly Example[]> => {
  const { seeds, shots, task } = config;
  if (seeds.length > 1) return [];
  // Training examples of fewer shots are training examples of more.
  const sample = { seed: seeds[0]!, shots: Math.min(...shots), prompt: false, splits: ['train'] as const };
  const { sets } = await lens.prompt(task, { ...taskOptions(config), ...sample, signal });
  return sets.train;
};

/** Template and label words, of which those that are given stay. */
const suggestedPrompt = async (
  lens: Lens,
  config: RunConfig,
  examples: readonly Example[],
  { labels, labelColumn, textColumns }: FoundColumns,
  { signal, onProgress }: SessionOptions,
): Promise<Suggested> => {
  const labelName = typeof labelColumn === 'string' ? labelColumn : undefined;
  const { template, mapping, demonstrations } = config;
  if (examples.length === 0) {
    const [first] = candidateTemplates({ texts: textColumns.length, objective: lens.objective, labelName });
    const chosen = template ?? first!;
    const maxLength = Math.min(128, lens.model.config.maxTokens);
    const limits = sentenceLimits([parseTemplate(chosen)], lens.tokenizer, {
      ...{ texts: textColumns.length, maxLength, objective: lens.objective },
    });
    return {
      ...limits,
      template: chosen,
      mapping: mapping ?? namesAsWords(labels, lens),
      prompt: { ratedOn: 0, tried: [] },
    };
  }
  const found = await lens.suggestPrompt(examples, {
    ...{ templates: template === undefined ? undefined : [template], words: mapping, labelName },
    maxLength: demonstrations ? undefined : config.maxLength,
    ...{ signal, onProgress },
  });
  return {
    template: found.template,
    mapping: mapping ?? Object.fromEntries(labels.map((label) => [label, found.words[label]!])),
    firstSentenceLimit: config.firstSentenceLimit ?? found.firstSentenceLimit,
    otherSentenceLimit: config.otherSentenceLimit ?? found.otherSentenceLimit,
    prompt: { ratedOn: examples.length, tried: found.tried },
  };
};

/** @throws ConflictingOptionsError for a label whose name gives no word of its own */
const namesAsWords = (labels: readonly string[], { tokenizer }: Lens): Record<string, string> => {
  const taken = new Set<number>();
  return Object.fromEntries(
    labels.map((label) => {
      const own = wordsOfLabel(label, tokenizer).find(({ id }) => !taken.has(id));
      if (own === undefined)
        throw new ConflictingOptionsError(
          `With several \`seeds\` no label words are searched, because each sample tests on examples that others train on, and the name of the label ${JSON.stringify(label)} is no word of the model's vocabulary.`,
          'Name the label words by `words`: a run with one seed suggests some.',
        );
      taken.add(own.id);
      return [label, own.word];
    }),
  );
};
