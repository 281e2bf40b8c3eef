import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConflictingOptionsError } from './errors.js';
import { readConfigFile } from './read-config-file.js';
import { defaultRunConfig, type RunConfig, runConfigSchema } from './run-config.js';
import { withoutUndefined } from './without-undefined.js';

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
export type GivenOptions = Partial<Omit<RunConfig, 'mapping'>> & { readonly mapping?: string };

/**
 * The whole configuration of a run: defaults, over them a configuration file, over it what was given besides.
 *
 * @param given options of the command line
 * @param file path of a `config.json`, as `--config` names it
 * @throws ConfigFileError, ConflictingOptionsError, MappingSyntaxError
 */
export const resolveConfig = async (given: GivenOptions, file?: string): Promise<RunConfig> =>
  mergeConfig(given, file === undefined ? {} : await readConfigFile(file, runConfigSchema.partial()));

/**
 * The same over a configuration that was read already; fields may be missing.
 *
 * @throws ConflictingOptionsError, MappingSyntaxError
 */
export const mergeConfig = async (given: GivenOptions, base: Partial<RunConfig>): Promise<RunConfig> => {
  const { mapping, ...rest } = given;
  const own: Partial<RunConfig> = withoutUndefined(rest);
  if (mapping !== undefined) {
    const { parseMapping } = await import('@ntk-lens/prompts');
    own.mapping = { ...parseMapping(mapping) };
  }
  const merged = { ...defaultRunConfig, ...base, ...own };
  // Another task takes its own template and words with it: the file's were written for the file's task.
  if (own.task !== undefined && base.task !== undefined && own.task !== base.task) {
    for (const field of taskFields) {
      if (own[field] === undefined) delete merged[field];
    }
  }
  if (merged.binary && merged.mapping !== undefined && Object.keys(merged.mapping).length > 2) {
    throw new ConflictingOptionsError(
      `--binary needs two labels, the mapping has ${Object.keys(merged.mapping).length}.`,
      'Leave --binary out.',
    );
  }
  for (const field of ['data', 'optimizerState', 'optimizerNames'] as const)
    if (merged[field] !== undefined) merged[field] = resolve(merged[field]);
  // A name on the Hub stays a name; anything that is a directory is written down so that it is found again.
  if (merged.model !== undefined && existsSync(merged.model)) merged.model = resolve(merged.model);
  return merged;
};
