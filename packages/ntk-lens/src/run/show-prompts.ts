import type { SplitName } from '@ntk-lens/core';
import { type EarlyLens, prepareTask, TaskNotPossibleError } from '@ntk-lens/lens';
import {
  describePrompt,
  type LabelWord,
  type LabelWordRule,
  type PromptDescription,
} from '@ntk-lens/prompts';
import type { RunConfig } from '../options/run-config.js';
import { type SessionOptions, samplesOf, taskOptions, withLens } from './with-lens.js';

export interface ShowPromptsOptions extends SessionOptions {
  /** Texts of one's own, one example; else the task's examples. */
  readonly texts?: readonly string[];
  readonly split: SplitName;
  /** Most examples to show. */
  readonly limit: number;
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
  const asked = taskOptions(config);
  const { task } = prepareTask(config.task, asked);
  if (own && own.length !== task.textsPerExample) {
    throw new TaskNotPossibleError(
      task.name,
      `--text is given ${own.length} time${own.length > 1 ? 's' : ''}, an example has ${task.textsPerExample}`,
      'Give --text once for every text of an example.',
    );
  }
  // Draws of demonstrations go through all sets in turn, so that a set left out would change those of the next.
  const splits = config.demonstrations ? undefined : own ? [] : [split];
  const long = { signal, onProgress };
  const prepare = async (lens: EarlyLens): Promise<ShownPrompts> => {
    const prompted = await lens.prompt(config.task, { ...asked, ...samplesOf(config)[0], splits, ...long });
    const { verbalizer, texts, encode } = prompted.prompt!;
    const shown = own ? [] : prompted.sets[split].slice(0, limit);
    const encoded = own
      ? await lens.encode(prompted, [own], long)
      : encode(split, texts.contexts[0]![split].slice(0, limit));
    return {
      task: task.name,
      model: lens.name,
      objective: lens.objective,
      template: texts.template.source,
      rule: verbalizer.rule,
      labelWords: verbalizer.words,
      prompts: encoded.map((prompt, i) => ({
        label: shown[i]?.label,
        texts: shown[i]?.texts ?? own!,
        prompt: describePrompt(prompt, lens.tokenizer),
      })),
    };
  };
  return withLens(config, options, prepare, async (_, shown) => shown);
};
