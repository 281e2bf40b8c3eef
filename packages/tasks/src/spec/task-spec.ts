import type { SplitName } from '@ntk-lens/core';
import type { MetricName } from './metric-name.js';
import type { TableFormat } from './table-format.js';

/** The places and formats of a task's files. */
export interface TaskFiles {
  /** Name of the task's folder under a k-shot directory, as LM-BFF writes it. */
  readonly directory: string;
  /** Name of the folder with the full data, where it differs from `directory`. */
  readonly originalDirectory?: string;
  /** File names of each split without extension, best first. */
  readonly names: Readonly<Record<SplitName, readonly string[]>>;
  /** Formats by file extension, tried in this order. */
  readonly formats: readonly { readonly extension: string; readonly format: TableFormat }[];
}

/** A text classification (or regression) task: its labels, its prompt and how its files are read (docs/theory.md, *Protocol*). */
export interface TaskSpec {
  /** LM-BFF's name, unique in the registry. */
  readonly name: string;
  /** Name for tables and figures. */
  readonly displayName: string;
  /** Other names under which the task is found. */
  readonly aliases: readonly string[];
  readonly kind: 'classification' | 'regression';
  /** 1 for single sentences, 2 for pairs. */
  readonly textsPerExample: number;
  /**
   * Labels in order; label i is logit i, and row i of a kernel's logit axes. For regression the two poles, low and high: `kind: 'regression'` examples
   * carry a number in `range` as their label instead.
   */
  readonly labels: readonly string[];
  /** Label → label word. */
  readonly labelWords: Readonly<Record<string, string>>;
  /** Prompt in LM-BFF's template language. */
  readonly template: string;
  /** Metrics; the first is the one that selects and is reported. */
  readonly metrics: readonly [MetricName, ...MetricName[]];
  /** Longest prompt, in tokens. */
  readonly maxLength: number;
  /** Longest first sentence, in tokens. */
  readonly firstSentenceLimit?: number;
  /** Longest other sentences, in tokens. */
  readonly otherSentenceLimit?: number;
  /** Lowest and highest score of a regression task. */
  readonly range?: readonly [number, number];
  /** Absent for tasks that come with the package (see `embedded`). */
  readonly files?: TaskFiles;
  /** True when the data come with the package (`embeddedTask`). */
  readonly embedded: boolean;
}
