import type { ReadOptions, WeightSource } from '@ntk-lens/checkpoints';
import { type NDArray, sha256 } from '@ntk-lens/core';
import { buildStages } from './architectures/build-stages.js';
import type { LabelWordIds } from './architectures/label-word-ids.js';
import type { ModelConfig } from './architectures/registry.js';
import { matchWeights } from './config/match-weights.js';
import { checkCopies } from './names/check-copies.js';
import { withoutPrefix } from './names/common-prefix.js';
import type { Stage } from './stages/stage.js';

/** A pre-trained language model at θ₀: its architecture as a chain of stages, and its parameters. */
export interface LanguageModel {
  readonly config: ModelConfig;
  /** Parameter names (Hugging Face, with the base prefix) and shapes. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  /** The network whose outputs are the logits, or the log-probabilities, of `labelWordIds`, in this order. */
  stages(labelWordIds: LabelWordIds): readonly Stage[];
  /**
   * Reads one parameter as float32, a fresh array that the caller owns.
   *
   * @param options rows that are enough: a model that cannot read them alone gives the whole. Memory to read into, which
   *   says that nothing needs to be kept for another read
   * @throws NonFiniteWeightError if it holds NaN or infinity
   */
  read(parameter: string, options?: ReadOptions): Promise<NDArray<'float32'>>;
  /** Name of the stored tensor behind a parameter; two parameters (a tied decoder) may share one. */
  storedName(parameter: string): string;
  /** Bytes that a parameter takes where it is stored; nothing where it is stored nowhere. */
  storedBytes?(parameter: string): number | undefined;
  /** SHA-256 of the configuration and all weights, hexadecimal: two models with one hash are the same. */
  hash(): Promise<string>;
  close(): Promise<void>;
}

/**
 * A language model whose weights come from an open source, which closes with it. Names and shapes of all weights are
 * checked here; the weights themselves are read one by one when they are asked for, so they never exist twice. A prefix
 * that stands before the names of all missing parameters, such as `module.`, is left out.
 *
 * @example
 * ```ts
 * const config = parseModelConfig(await (await fetch('/model/config.json')).json());
 * const model = await modelFrom(config, await safetensorsFrom(await (await fetch('/model/model.safetensors')).blob()));
 * ```
 * @param declared the JSON value of config.json, whose fields errors can then name
 * @throws MissingWeightsError, WeightShapeError, UnusedLayersError, QuantizedModelError
 * @throws DifferentCopiesError where a tensor is stored under two names with different numbers
 */
export const modelFrom = async (
  config: ModelConfig,
  given: WeightSource,
  declared?: unknown,
): Promise<LanguageModel> => {
  const { parameters, naming, prefix, stored } = matchWeights(config, given, declared);
  const source = prefix === undefined ? given : withoutPrefix(given, prefix);
  await checkCopies(source, parameters, naming);
  let hash: Promise<string> | undefined;
  return {
    config,
    parameters,
    stages: (labelWordIds) => buildStages(config, labelWordIds),
    read: (parameter, options) => source.read(stored.get(parameter) ?? parameter, options),
    storedBytes: (parameter) => source.info(stored.get(parameter) ?? parameter).byteLength,
    storedName: (parameter) => stored.get(parameter) ?? parameter,
    hash: () => (hash ??= hashOf(config, source, [...new Set(stored.values())].sort())),
    close: () => source.close(),
  };
};

const hashOf = async (
  config: ModelConfig,
  source: WeightSource,
  names: readonly string[],
): Promise<string> => {
  const hash = sha256().update(JSON.stringify(config));
  for (const name of names) {
    const { shape, dtype } = source.info(name);
    hash.update(JSON.stringify([name, shape, dtype]));
    for await (const piece of source.bytes(name)) hash.update(piece);
  }
  return hash.hex();
};
