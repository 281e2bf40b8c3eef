import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ModelCheck } from '@ntk-lens/checkpoints';
import { isError } from '@ntk-lens/core';
import { embeddedName } from '../embedded-name.js';
import { NoEmbeddedModelError, UnknownModelError } from '../errors.js';
import type { OpenModelOptions } from '../session/platform.js';

const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Other programs have a config.json, too; that of a model names its architecture. */
const isModelConfig = (file: string): boolean => {
  try {
    return /"(model_type|architectures)"/.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
};

/** Model directories in a folder: those with a model's config.json. */
const modelDirectoriesIn = (parent: string): string[] => {
  if (!isDirectory(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isModelConfig(join(parent, entry.name, 'config.json')))
    .map((entry) => join(parent, entry.name));
};

/**
 * Model directories under the working directory and its `models/`: those with the config.json of a model.
 *
 * @example
 * ```ts
 * modelDirectoriesHere(); // ['models/roberta-base']
 * ```
 */
export const modelDirectoriesHere = (): string[] => ['.', 'models'].flatMap(modelDirectoriesIn);

/** @throws NoEmbeddedModelError */
const embeddedDirectory = async (): Promise<string> => {
  try {
    return (await import('@ntk-lens/minilm-mlm')).modelDirectory;
  } catch (cause) {
    throw new NoEmbeddedModelError('its package, @ntk-lens/minilm-mlm, is not installed', { cause });
  }
};

export interface FoundModel {
  /** Hub id, or the last part of the directory. */
  readonly name: string;
  readonly directory: string;
  /** Commit on the Hub, when it came from there. */
  readonly commit?: string;
}

/** Options for finding a model. */
export interface FindModelOptions extends Omit<OpenModelOptions, 'beforeWeights'> {
  /** Looks at a model of the Hub before its weights are downloaded. Default: `loadableModel` of `@ntk-lens/models`. */
  readonly check?: ModelCheck;
}

/**
 * Finds a model: the embedded one, a directory, or a Hub id, which is downloaded once.
 *
 * @param wanted undefined or `minilm-mlm` for the embedded model
 * @throws UnknownModelError, which lists the models that exist; for Hub ids what `resolveModel` throws
 */
export const modelDirectory = async (
  wanted: string | undefined,
  { check, ...options }: FindModelOptions = {},
): Promise<FoundModel> => {
  if (wanted === undefined || (wanted === embeddedName && !existsSync(wanted))) {
    return { name: embeddedName, directory: await embeddedDirectory() };
  }
  const { cachedModelList, HubUnavailableError, isHubId, resolveModel } = await import(
    '@ntk-lens/checkpoints'
  );
  const unknown = async (why: string, cause?: unknown): Promise<UnknownModelError> => {
    const beside = [dirname(wanted), wanted].flatMap(modelDirectoriesIn);
    const cached = (await cachedModelList()).filter(({ missing }) => missing === undefined);
    const known = new Set([
      embeddedName,
      ...modelDirectoriesHere(),
      ...beside,
      ...cached.map(({ id }) => id),
    ]);
    return new UnknownModelError(wanted, why, [...known], { cause });
  };
  if (!existsSync(wanted)) {
    if (!isHubId(wanted)) throw await unknown('there is no such directory');
    try {
      const { loadableModel } = await import('@ntk-lens/models');
      const { directory, commit } = await resolveModel(wanted, {
        ...options,
        check: check ?? loadableModel,
        embedded: { [embeddedName]: '' },
      });
      return { name: wanted, directory, ...(commit !== undefined && { commit }) };
    } catch (error) {
      // A download that broke is no unknown name.
      if (!isError(error, HubUnavailableError) || error.file !== undefined) throw error;
      throw await unknown(
        `there is no such directory, and the Hub, ${error.hub}, cannot be asked for it: ${error.reason}`,
        error,
      );
    }
  }
  if (!isDirectory(wanted)) throw await unknown('this is a file, not a directory');
  if (!existsSync(join(wanted, 'config.json'))) {
    const files = readdirSync(wanted).sort();
    const more = files.length > 8 ? ', …' : '';
    const holds = files.length === 0 ? 'is empty' : `holds ${files.slice(0, 8).join(', ')}${more}`;
    throw await unknown(`the directory ${holds}, but no config.json`);
  }
  return { name: basename(resolve(wanted)), directory: resolve(wanted) };
};
