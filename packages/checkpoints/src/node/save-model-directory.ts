import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  BadArgumentError,
  fileHash,
  type LongTaskOptions,
  makeDirectory,
  type NDArray,
  writeFileList,
} from '@ntk-lens/core';
import { WeightWriteError } from '../errors.js';
import { restoreWholeFloats } from '../json/whole-floats.js';
import { isPlainFileName } from '../shards/shard-index.js';
import { writeAtomically } from './write-atomically.js';
import { writeSafetensors } from './write-files.js';

/** The contents of a Hugging Face model directory. */
export interface ModelDirectoryContents {
  /**
   * The JSON value of config.json, in transformers' own names (not a normalized `ModelConfig`). Whole numbers that are to
   * be written as floats may be marked by `markWholeFloats`.
   */
  readonly config: Readonly<Record<string, unknown>>;
  /** transformers' parameter names → arrays. */
  readonly tensors: ReadonlyMap<string, NDArray>;
  /** Paths of tokenizer files to copy under their own names. */
  readonly tokenizerFiles?: readonly string[];
}

/**
 * Saves a model as a directory that `transformers` loads with `from_pretrained`. Arrays shared by two names
 * (a tied decoder) are written once, under the first name: transformers ties them again.
 *
 * @example
 * ```ts
 * await saveModelDirectory('finetuned', { config, tensors, tokenizerFiles: [join(base, 'tokenizer.json')] });
 * ```
 * @param directory made if missing; config.json is written last, so that a directory with one is whole. Weights and tokenizer are
 *   listed with their hashes, which are verified when the model is loaded; config.json is not, and can be edited
 * @throws WeightWriteError, BadArgumentError, CancelledError
 */
export const saveModelDirectory = async (
  directory: string,
  { config, tensors, tokenizerFiles = [] }: ModelDirectoryContents,
  options: LongTaskOptions = {},
): Promise<void> => {
  for (const file of tokenizerFiles) {
    if (!isPlainFileName(basename(file)))
      throw new BadArgumentError('tokenizer file', file, 'a plain file name');
  }
  try {
    await makeDirectory(directory);
    for (const file of tokenizerFiles) await copyFile(file, join(directory, basename(file)));
  } catch (cause) {
    throw new WeightWriteError(directory, cause);
  }
  const written = new Set<ArrayLike<number>>();
  const distinct = [...tensors].filter(([, { data }]) => !written.has(data) && written.add(data));
  const weights = 'model.safetensors';
  const files: Record<string, string> = {
    [weights]: await writeSafetensors(join(directory, weights), new Map(distinct), { format: 'pt' }, options),
  };
  for (const name of tokenizerFiles.map((file) => basename(file)))
    files[name] = await fileHash(join(directory, name));
  await writeFileList(directory, files);
  await writeAtomically(
    join(directory, 'config.json'),
    restoreWholeFloats(`${JSON.stringify(config, undefined, 2)}\n`),
  );
};
