import { withoutUndefined } from '@ntk-lens/core';
import { type Fields, isOption, type Option } from './declare.js';
import { ConflictingOptionsError } from './errors.js';
import { flagName } from './flags.js';
import { type Layer, readLayers, type Surroundings } from './layers.js';
import { defaultRunConfig, inFieldOrder, type RunConfig, runFields, type Source } from './run-config.js';
import { withWholePaths } from './whole-paths.js';

/** Fields that were written for one task, and mean nothing to another. */
const taskFields = [
  'template',
  'mapping',
  'data',
  'maxLength',
  'firstSentenceLimit',
  'otherSentenceLimit',
] as const;

/** Fields given on the command line; `mapping` still as text. */
export type GivenOptions = Partial<Omit<RunConfig, 'mapping' | 'sources'>> & {
  readonly mapping?: string | undefined;
};

/**
 * The whole configuration of a run: defaults, over them a configuration file, over it the given options.
 *
 * @param given options of the command line
 * @param file path of a `config.json`, as `--config` names it
 * @param around environment and working directory, whose options lie between the defaults and the file; with
 * it, `sources`
 *   says where each field is from
 * @throws ConfigFileError, ProjectFileError, ConflictingOptionsError, MappingSyntaxError
 */
export const resolveConfig = async (
  given: GivenOptions,
  file?: string,
  around?: Surroundings,
): Promise<RunConfig> => mergeConfig(given, await readLayers(file, around), around !== undefined);

/**
 * The same over options that were read already.
 *
 * @throws ConflictingOptionsError, MappingSyntaxError
 */
export const mergeConfig = async (
  { mapping, ...rest }: GivenOptions,
  layers: readonly Layer[],
  record = false,
): Promise<RunConfig> => {
  const own: Partial<RunConfig> = withoutUndefined(rest);
  if (mapping !== undefined) {
    const { parseMapping } = await import('@ntk-lens/prompts');
    own.mapping = { ...parseMapping(mapping) };
  }
  const found: Partial<RunConfig> = {};
  const sources: Record<string, Source> = {};
  for (const { run, source } of [...layers, { run: own, source: 'flag' as const }]) {
    // Another task takes its own template and words with it: those below were written for another task.
    if (run.task !== undefined && found.task !== undefined && run.task !== found.task)
      for (const field of taskFields) delete found[field];
    Object.assign(found, withoutUndefined(run));
    for (const field of Object.keys(withoutUndefined(run))) sources[field] = source;
  }
  const merged: RunConfig = { ...defaultRunConfig, ...completed(found, runFields) };
  if (merged.binary && merged.mapping !== undefined && Object.keys(merged.mapping).length > 2) {
    throw new ConflictingOptionsError(
      `--binary needs two labels, the mapping has ${Object.keys(merged.mapping).length}.`,
      'Leave --binary out.',
    );
  }
  const whole: RunConfig = inFieldOrder(withWholePaths(merged, runFields, '.'));
  const kept = Object.entries(sources).filter(([field]) => Object.hasOwn(merged, field));
  return record && kept.length > 0 ? { ...whole, sources: Object.fromEntries(kept) } : whole;
};

/**
 * Further settings of a run, over the same layers; their sources are among the sources of the run.
 *
 * @param own given on the command line
 */
export const mergeSettings = <T extends object>(
  run: RunConfig,
  layers: readonly Layer[],
  own: Partial<T>,
  record: boolean,
): Partial<T> => {
  const all = [...layers, { settings: withoutUndefined(own), source: 'flag' as const }];
  const sources = all.flatMap(({ settings, source }) =>
    Object.keys(settings).map((field) => [field, source]),
  );
  if (record && sources.length > 0) run.sources = { ...run.sources, ...Object.fromEntries(sources) };
  return Object.assign({}, ...all.map(({ settings }) => settings));
};

/** Objects of several options with the defaults of those that were not given. */
const completed = (found: Partial<RunConfig>, fields: Fields): Partial<RunConfig> => {
  const objects = Object.entries(fields).flatMap(([name, parts]) => {
    const value = found[name as keyof RunConfig] as Record<string, unknown> | undefined;
    if (isOption(parts) || value === undefined) return [];
    const options = Object.entries(parts) as [string, Option<unknown>][];
    const [lead] = options.filter(([part, { required }]) => required && value[part] === undefined);
    if (lead !== undefined) {
      const given = options.filter(([part]) => value[part] !== undefined);
      throw new ConflictingOptionsError(
        `${given.map(([, option]) => flagName(option)).join(', ')} goes with ${flagName(lead[1])}, which is not given.`,
        `Add ${lead[1].flags}, or leave the former out.`,
      );
    }
    const defaults = options.flatMap(([part, option]) =>
      option.default === undefined ? [] : [[part, option.default] as const],
    );
    const whole = { ...Object.fromEntries(defaults), ...value };
    return [
      [name, Object.fromEntries(options.flatMap(([part]) => (part in whole ? [[part, whole[part]]] : [])))],
    ];
  });
  return { ...found, ...Object.fromEntries(objects) };
};
