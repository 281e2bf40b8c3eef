import type { LongTaskOptions, SplitName } from '@ntk-lens/core';
import {
  describePrompt,
  type LabelWord,
  type LabelWordRule,
  type PromptDescription,
} from '@ntk-lens/prompts';
import { exampleSets } from '../../data/example-sets.js';
import type { RunConfig } from '../../options/run-config.js';
import { TaskNotPossibleError } from '../errors.js';
import { withDemonstrations } from '../load-cell.js';
import { openConfigured } from '../model/open-configured.js';
import type { openModel } from '../model/open-model.js';
import { preparePrompt, prepareVerbalizer } from '../prepare-task.js';
import { promptEncoder } from './prompt-encoder.js';

export interface ShowPromptsOptions extends LongTaskOptions {
  /** Texts of one's own, one example; else the task's examples. */
  readonly texts?: readonly string[];
  readonly split: SplitName;
  /** Most examples to show. */
  readonly limit: number;
  readonly openModel?: typeof openModel;
}

/** Prompts with the account of what became what. */
export interface ShownPrompts {
  readonly task: string;
  readonly model: string;
  readonly objective: 'masked' | 'causal';
  readonly template: string;
  readonly rule: LabelWordRule;
  readonly labelWords: readonly LabelWord[];
  readonly prompts: readonly {
    /** The example's label; absent for a text of one's own. */
    readonly label?: string;
    readonly texts: readonly string[];
    readonly prompt: PromptDescription;
  }[];
}

/**
 * The prompts of a task's examples or of a text, described: which piece became which tokens, what was left out,
 * which position is read. In the first context, if there are demonstrations.
 *
 * @throws what a run refuses before it reads weights
 */
export const showPrompts = async (config: RunConfig, options: ShowPromptsOptions): Promise<ShownPrompts> => {
  const { split, limit, texts: own, signal, onProgress } = options;
  const long: LongTaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const prepared = preparePrompt(config);
  const { task } = prepared;
  if (own && own.length !== task.textsPerExample) {
    throw new TaskNotPossibleError(
      task.name,
      `--text is given ${own.length} time${own.length > 1 ? 's' : ''}, an example has ${task.textsPerExample}`,
      'Give --text once for every text of an example.',
    );
  }
  const model = await openConfigured(config, options);
  const verbalizer = prepareVerbalizer(task, model.tokenizer, config.labelRule);
  const sample = { shots: config.shots[0]!, seed: config.seeds[0]! };
  const needsData = own === undefined || config.demonstrations !== undefined;
  // A text of one's own stands where a test example would: no training example is kept from demonstrating.
  const place = own ? 'test' : split;
  // Draws of demonstrations go through all sets in turn, so that a set left out would change those of the next.
  const splits = config.demonstrations === undefined ? [place] : undefined;
  const read = needsData ? await exampleSets(config, task, sample, splits) : { train: [], dev: [], test: [] };
  const sets = own ? { ...read, test: [{ texts: own, label: '' }] } : read;
  const prompts = await withDemonstrations(config, prepared, model, sets, long);
  const encode = promptEncoder(task, prompts, verbalizer, model);
  const shown = sets[place].slice(0, limit);
  const encoded = encode(place, prompts.contexts[0]![place].slice(0, limit));
  return {
    task: task.name,
    model: model.name,
    objective: model.objective,
    template: prompts.template.source,
    rule: verbalizer.rule,
    labelWords: verbalizer.words,
    prompts: encoded.map((prompt, i) => ({
      ...(own ? {} : { label: shown[i]!.label }),
      texts: shown[i]!.texts,
      prompt: describePrompt(prompt, model.tokenizer),
    })),
  };
};
