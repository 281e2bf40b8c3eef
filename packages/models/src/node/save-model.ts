import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markWholeFloats, saveModelDirectory } from '@ntk-lens/checkpoints';
import { BadArgumentError, type LongTaskOptions, type NDArray, sameShape } from '@ntk-lens/core';
import { TOKENIZER_FILES } from '@ntk-lens/tokenizers';
import { nameRulesOf } from '../architectures/name-rules.js';
import { architectureOf } from '../architectures/registry.js';
import type { LanguageModel } from '../language-model.js';
import { readModelConfig } from './read-model-config.js';

/** The source of config.json and the tokenizer of a saved model. */
export type ModelOrigin =
  /** Directory that the model was loaded from: config.json and tokenizer files are taken over. */
  | { readonly baseDirectory: string }
  /** For a model that is in no directory: the JSON value of its config.json, and paths of tokenizer files. */
  | { readonly config: Readonly<Record<string, unknown>>; readonly tokenizerFiles: readonly string[] };

export type SaveModelOptions = LongTaskOptions &
  ModelOrigin & {
    /** New values by parameter name, e.g. after fine-tuning; all others stay as in the model. */
    readonly changed?: ReadonlyMap<string, NDArray<'float32'>>;
  };

/**
 * Saves a model, changed or not, as a Hugging Face directory that transformers loads with the same logits. A
 * decoder that no longer equals the word embeddings is stored apart, and config.json says so.
 *
 * @example
 * ```ts
 * await saveModel('finetuned', model, { baseDirectory: 'roberta-base', changed: parameters });
 * ```
 * @param directory made if missing; config.json is written last, so that a directory with one is whole
 * @throws BadArgumentError for a changed parameter that the model does not have, or of another shape
 * @throws ModelConfigError for the base directory; WeightWriteError; CancelledError
 */
export const saveModel = async (
  directory: string,
  model: LanguageModel,
  { changed = new Map(), ...options }: SaveModelOptions,
): Promise<void> => {
  for (const [name, { shape }] of changed) {
    const expected = model.parameters.get(name);
    if (!expected) throw new BadArgumentError('changed parameter', name, 'a parameter of the model');
    if (!sameShape(shape, expected)) {
      throw new BadArgumentError(`changed parameter ${name}`, `shape [${shape}]`, `[${expected}]`);
    }
  }
  const { raw, tokenizerFiles } = await originOf(options);
  const { modelType, also, names, ...architecture } = architectureOf(model.config);
  const [savedType, classes] = Object.entries(also ?? {}).find(([type]) => type === raw['model_type']) ?? [
    modelType,
    architecture.classes,
  ];
  const { decoderWeight, wordEmbeddings, head } = nameRulesOf(model.config);
  const stored = new Map<string, NDArray<'float32'>>();
  const tensors = new Map<string, NDArray<'float32'>>();
  for (const name of model.parameters.keys()) {
    const from = model.storedName(name);
    const array = changed.get(name) ?? stored.get(from) ?? (await model.read(name));
    if (!changed.has(name)) stored.set(from, array);
    tensors.set(name, array);
  }
  const [decoder, words] = [tensors.get(decoderWeight)!, tensors.get(wordEmbeddings)!];
  const tied =
    model.config.tieWordEmbeddings &&
    (decoder === words || decoder.data.every((value, i) => value === words.data[i]));
  if (tied) tensors.delete(decoderWeight);
  const untied = tied ? undefined : names.untied;
  for (const [name, other] of untied?.names ?? []) {
    const tensor = tensors.get(name);
    if (tensor) tensors.set(other, tensor);
    tensors.delete(name);
  }
  if (!tied) {
    // Without tying, transformers adds the decoder's own bias; it ignores the head's, but misses it.
    for (const prefix of head) {
      const bias = tensors.get(`${prefix}decoder.bias`) ?? tensors.get(`${prefix}bias`);
      if (!bias) continue;
      tensors.set(`${prefix}decoder.bias`, bias);
      tensors.set(`${prefix}bias`, { ...bias, data: bias.data.slice() });
    }
  }
  await saveModelDirectory(
    directory,
    {
      config: {
        ...raw,
        model_type: savedType,
        architectures: [classes.languageModel],
        ...untied?.fields,
        tie_word_embeddings: tied,
        dtype: 'float32',
        // The older name of dtype; the two must not contradict each other.
        torch_dtype: 'torch_dtype' in raw ? 'float32' : undefined,
      },
      tensors,
      tokenizerFiles,
    },
    options,
  );
};

const originOf = async (origin: ModelOrigin) => {
  if ('config' in origin) return { raw: origin.config, tokenizerFiles: origin.tokenizerFiles };
  const { baseDirectory } = origin;
  await readModelConfig(baseDirectory);
  const text = await readFile(join(baseDirectory, 'config.json'), 'utf8');
  const files = await readdir(baseDirectory);
  return {
    raw: JSON.parse(markWholeFloats(text)) as Record<string, unknown>,
    tokenizerFiles: TOKENIZER_FILES.filter((file) => files.includes(file)).map((file) =>
      join(baseDirectory, file),
    ),
  };
};
