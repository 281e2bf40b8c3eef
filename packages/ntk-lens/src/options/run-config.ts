import { defaultsOf, type ValuesOf } from './declare.js';
import { kernel } from './kernel.js';
import { machine } from './machine.js';
import { matrixFree } from './matrix-free.js';
import { prompt } from './prompt.js';
import { solver } from './solver.js';
import { ownData, task } from './task.js';

/** The options of a run by the fields that `config.json` has for them. */
export const runFields = {
  ...task.fields,
  ...ownData.fields,
  ...prompt.fields,
  ...kernel.fields,
  ...solver.fields,
  ...matrixFree.fields,
  ...machine.fields,
};

/** Where the value of a field can come from, where it is not the default; `answer`: from a question on a terminal. */
export const optionSources = ['flag', 'config', 'environment', 'project', 'suggestion', 'answer'] as const;
export type Source = (typeof optionSources)[number];

/**
 * Settings of a run; written to `config.json` by every run and replayed by `--config`. Nothing is left to a
 * default that another version could change.
 *
 * @example
 * ```ts
 * const config: RunConfig = { ...defaultRunConfig, task: 'topic', seeds: [13, 21] };
 * ```
 */
export type RunConfig = ValuesOf<typeof runFields> & {
  /**
   * The source of each field: flag, configuration file, environment, project file or suggestion; manifests
   * record it.
   */
  sources?: Record<string, Source>;
  /** The findings and trials for data of one's own; manifests record them. */
  suggestion?: Readonly<Record<string, unknown>>;
};

/**
 * The embedded model on `sentiment`, 16-shot, seed 42, SGD kernel, least squares over the protocol's grid
 * (docs/theory.md, Solvers and grids).
 */
export const defaultRunConfig: RunConfig = defaultsOf(runFields);

/** A configuration with its fields in one order, so that its file has the same bytes wherever they came from. */
export const inFieldOrder = (config: RunConfig): RunConfig => {
  const names = [...Object.keys(runFields), ...Object.keys(config)];
  const entries = [...new Set(names)].filter((name) => Object.hasOwn(config, name));
  return Object.fromEntries(entries.map((name) => [name, config[name as keyof RunConfig]])) as RunConfig;
};

/** A configuration as `config.json` holds it: a replay, whose options are all from that file, leaves the same one. */
export const withoutSources = ({ sources: _, suggestion: __, ...config }: RunConfig): RunConfig => config;
