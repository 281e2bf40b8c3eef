import { join } from 'node:path';
import { readIfThere, removeUnfinished, writeJson } from '@ntk-lens/core';
import { z } from 'zod';
import { OtherReproductionError } from './errors.js';

/** Name of the file that says whose reproduction a directory is. */
export const rootName = 'reproduction.json';

const format = 'ntk-lens-reproduction';
const version = 1;

const schema = z.object({
  format: z.literal(format),
  version: z.number(),
  model: z.object({ name: z.string(), hash: z.string() }),
});

/** The model of a reproduction. */
export type ReproducedModel = z.infer<typeof schema>['model'];

const readRoot = async (directory: string) => {
  const bytes = await readIfThere(join(directory, rootName));
  if (bytes === undefined) return undefined;
  const other = (): never => {
    throw new OtherReproductionError(
      directory,
      `a ${rootName} that no reproduction wrote`,
      `one of the format ${format}`,
    );
  };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return other();
  }
  const found = schema.safeParse(json);
  return found.success ? found.data : other();
};

/**
 * Refuses a directory with a reproduction of another version or with another model.
 *
 * @param model its hash is compared where it is known
 * @throws OtherReproductionError
 */
export const checkRoot = async (
  directory: string,
  model: { readonly name: string; readonly hash?: string },
): Promise<void> => {
  const found = await readRoot(directory);
  if (found === undefined) return;
  if (found.version !== version)
    throw new OtherReproductionError(
      directory,
      `a reproduction of the format's version ${found.version}`,
      `version ${version}`,
    );
  if (model.hash !== undefined && found.model.hash !== model.hash)
    throw new OtherReproductionError(
      directory,
      `a reproduction with the model ${found.model.name} (${found.model.hash.slice(0, 12)}…)`,
      `one with ${model.name} (${model.hash.slice(0, 12)}…)`,
    );
};

/** Writes whose reproduction a directory is, with its settings, and removes what a killed one left next to it. */
export const writeRoot = async (
  directory: string,
  model: ReproducedModel,
  settings: unknown,
): Promise<void> => {
  await removeUnfinished(directory, join(directory, 'parts'));
  await writeJson(join(directory, rootName), { format, version, model, settings });
};
