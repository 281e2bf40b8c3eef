import type { LongTaskOptions, SplitName } from '@ntk-lens/core';
import type { LabelWordRule } from '@ntk-lens/prompts';
import type { Column, MetricName } from '@ntk-lens/tasks';

/** Examples that stand in every prompt, drawn from the training examples. */
export interface Demonstrations {
  /** Demonstrations of every label. */
  readonly perLabel: number;
  readonly seed: number;
  /** Contexts over which zero-shot is averaged; kernels are of the first. */
  readonly samples: number;
  /** Share of the candidates that are kept: those most similar by the model's own embeddings. */
  readonly filter?: number;
}

/** The presentation of examples to the model; options that are left out are the task's own. */
export interface PromptOptions {
  /** A template of `@ntk-lens/prompts`. */
  readonly template?: string;
  /** Word of every label; with data of one's own their keys are the labels, in order. */
  readonly words?: Readonly<Record<string, string>>;
  /** Rule for words of several tokens. Default: `single`, which refuses them. */
  readonly labelRule?: LabelWordRule;
  /** Default: none. */
  readonly demonstrations?: Demonstrations;
  /** Most tokens of the whole prompt, demonstrations included. */
  readonly maxLength?: number;
  /** Most tokens of the first sentence, and of every other. */
  readonly firstSentenceLimit?: number;
  readonly otherSentenceLimit?: number;
  /** A prompt that is too long loses its beginning, not its end. */
  readonly truncateHead?: boolean;
  /** False: no prompt, for a network with a classifier in place of the language-model head. */
  readonly prompt?: boolean;
}

/** The examples to draw. */
export interface SampleOptions {
  /** Training examples of every label, and as many for development. Default: 16. */
  readonly shots?: number;
  /** Seed of the draw. Default: 42. */
  readonly seed?: number;
  /** Only so many test examples: the first ones, and of one file of one's own a random part. */
  readonly limitTest?: number;
}

/** The source of a task's examples. */
export interface DataOptions {
  /** Directory with the task's data, or one CSV, TSV or JSON-lines file; absent for an embedded task. */
  readonly data?: string;
  /** Columns of the texts in data of one's own: names, or numbers from 0 where there is no header. */
  readonly textColumns?: readonly Column[];
  readonly labelColumn?: Column;
  /**
   * Delimiter of a CSV or TSV file, one character. If not given, that of a CSV file is found: comma,
   * semicolon, tab or bar.
   */
  readonly delimiter?: string;
}

/** Options of `lens.task`. */
export interface TaskOptions extends PromptOptions, SampleOptions, DataOptions, LongTaskOptions {
  /** Sets that must be there; others may stay empty. Default: all three. */
  readonly splits?: readonly SplitName[];
}

/** Options of `lens.examples`: labelled texts in memory. */
export interface ExamplesOptions extends PromptOptions, SampleOptions, LongTaskOptions {
  /** One text for every example, or two for pairs. */
  readonly texts: readonly (string | readonly string[])[];
  /** Label of every example, one of the keys of `words`. */
  readonly labels: readonly string[];
  readonly template: string;
  readonly words: Readonly<Record<string, string>>;
  /** Set of every example. Default: `shots` of each label are drawn for training and for development, the rest tests. */
  readonly split?: readonly SplitName[];
  /** For tables and files. Default: `examples`. */
  readonly name?: string;
  /** The first one chooses. Default: accuracy. */
  readonly metrics?: readonly [MetricName, ...MetricName[]];
}
