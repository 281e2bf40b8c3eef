import type { EncodedExample, Example, PerSplit, SplitName } from '@ntk-lens/core';
import type { LabelWordIds } from '@ntk-lens/models';
import type { EncodedPrompt, EncodePromptOptions, Template, Verbalizer } from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { DataOptions, PromptOptions, SampleOptions } from './task-options.js';

/** Labelled texts by set. */
export type ExampleSets = PerSplit<readonly Example[]>;

/** Texts of every example of every set, as a template reads them: the example's own, then its demonstrations'. */
export type ContextTexts = PerSplit<readonly (readonly string[])[]>;

/** The prompt of a model: the template, and one set of texts for every context of demonstrations. */
export interface PromptTexts {
  readonly template: Template;
  /** Label index of each demonstration. */
  readonly supportLabels?: readonly number[];
  /** Longest prompt, in tokens. */
  readonly maxLength: number;
  /** Longer prompts lose their beginning, not their end. */
  readonly truncateHead?: boolean;
  /** At least one; kernels are of the first. */
  readonly contexts: readonly ContextTexts[];
}

/** The prompt of a task for one model. */
export interface TaskPrompt {
  readonly verbalizer: Verbalizer;
  /** The texts from which the examples are encoded, in every context of demonstrations. */
  readonly texts: PromptTexts;
  /**
   * Encodes texts as the template reads them: the example's own, then its demonstrations'.
   *
   * @throws BadExampleError with the place of an example that does not fit
   */
  encode(
    split: SplitName,
    texts: readonly (readonly string[])[],
    options?: EncodePromptOptions,
  ): EncodedPrompt[];
}

/** A k-shot sample of a task with its prompt, as `prompt` of a session gives it. */
export interface PromptedTask {
  /** With the template, label words and limits that are used. */
  readonly spec: TaskSpec;
  readonly shots: number;
  readonly seed: number;
  /** The examples as they were read. */
  readonly sets: ExampleSets;
  /** Absent where the task was opened with `prompt: false`. */
  readonly prompt?: TaskPrompt;
  /** The options with which the task was opened. */
  readonly asked: PromptOptions & Pick<SampleOptions, 'limitTest'> & DataOptions;
}

/** A sample, tokenized for the model of a session, as `task` and `examples` of a session give it. */
export interface LensTask extends PromptedTask {
  /**
   * Tokens of the label words, in label order: one each, or under the rule `joint` all of each; the numbers of the labels
   * without a prompt.
   */
  readonly labelWordIds: LabelWordIds;
  /** In the first context of demonstrations, of which kernels are. */
  readonly examples: PerSplit<readonly EncodedExample[]>;
  /** Label indices; for a regression the pole that each score is nearer to. */
  readonly labels: PerSplit<readonly number[]>;
  /** The answers that predictions are compared with: the labels, or the scores of a regression. */
  readonly gold: PerSplit<readonly number[]>;
  /** In which the scores of a regression are. */
  readonly range?: readonly [number, number];
  /** SHA-256 of token ids, read positions and labels. */
  readonly hash: string;
}
