import { type KnownTensors, refuseQuantizedTensors } from '@ntk-lens/checkpoints';
import { isError } from '@ntk-lens/core';
import { nameRulesOf } from '../architectures/name-rules.js';
import { parametersOf } from '../architectures/parameters-of.js';
import type { ModelConfig } from '../architectures/registry.js';
import { knownWithoutPrefix, prefixToLeaveOut } from '../names/common-prefix.js';
import { MissingWeightsError, UnusedLayersError, WeightShapeError } from '../names/resolve-errors.js';
import { resolveWeightNames } from '../names/resolve-weights.js';
import { unusedLayers } from '../names/unused-layers.js';
import type { CheckpointNaming } from '../names/weight-names.js';
import { fieldsOfLayers, fieldsOfShapes } from './contradicted-field.js';

/** The tensors of a checkpoint as the parameters of a model. */
export interface MatchedWeights {
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly naming: CheckpointNaming;
  /** Stands before the names of all tensors, and is left out of those in `stored`. */
  readonly prefix: string | undefined;
  /** Parameter name → name of the tensor. */
  readonly stored: ReadonlyMap<string, string>;
}

/**
 * Finds the tensors of a model in a checkpoint, by their names, shapes and types. Reads none of them.
 *
 * @param declared the JSON value of config.json, whose fields errors then name
 * @throws MissingWeightsError, WeightShapeError, UnusedLayersError, QuantizedModelError, UnsupportedDTypeError
 */
export const matchWeights = (config: ModelConfig, given: KnownTensors, declared: unknown): MatchedWeights => {
  refuseQuantizedTensors(given.names, 'The weights');
  const parameters = parametersOf(config);
  const naming = { rules: nameRulesOf(config), tieWordEmbeddings: config.tieWordEmbeddings };
  const prefix = prefixToLeaveOut(given, parameters, naming);
  const source = prefix === undefined ? given : knownWithoutPrefix(given, prefix);
  try {
    const stored = resolveWeightNames(source, parameters, naming);
    const unused = unusedLayers(source, stored.values());
    if (unused.length > 0) throw new UnusedLayersError(unused, fieldsOfLayers(declared, source, unused));
    return { parameters, naming, prefix, stored };
  } catch (error) {
    if (isError(error, WeightShapeError)) {
      const reason = fieldsOfShapes(declared, error.wrong);
      if (reason !== undefined) throw new WeightShapeError(error.wrong, reason);
    }
    if (isError(error, MissingWeightsError)) {
      const reason = fieldsOfLayers(declared, source);
      if (reason !== undefined) throw new MissingWeightsError(error.missing, source.names, reason);
    }
    throw error;
  }
};
