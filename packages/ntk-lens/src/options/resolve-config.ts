import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigFileError, ConflictingOptionsError } from './errors.js';
import { defaultRunConfig, type RunConfig, runConfigSchema } from './run-config.js';

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
export const resolveConfig = async (given: GivenOptions, file?: string): Promise<RunConfig> => {
  const base = file === undefined ? {} : await readConfigFile(file);
  const { mapping, ...rest } = given;
  const own: Partial<RunConfig> = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  );
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
  if (merged.data !== undefined) merged.data = resolve(merged.data);
  // A name on the Hub stays a name; anything that is a directory is written down so that it is found again.
  if (merged.model !== undefined && existsSync(merged.model)) merged.model = resolve(merged.model);
  return merged;
};

/**
 * Reads a `config.json`; fields may be missing, unknown ones are refused.
 *
 * @throws ConfigFileError
 */
const readConfigFile = async (file: string): Promise<Partial<RunConfig>> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigFileError(file, 'no such readable file', { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigFileError(file, `not JSON (${(cause as Error).message})`, { cause });
  }
  const parsed = runConfigSchema.partial().safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ConfigFileError(file, z.prettifyError(parsed.error).replaceAll('\n', ' ').replaceAll('✖ ', ''));
};
