import { type ModelCheck, refuseQuantizedTensors } from '@ntk-lens/checkpoints';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { matchWeights } from '../config/match-weights.js';
import { declaresArchitecture, parseModelConfig } from '../config/parse-model-config.js';
import { refuseQuantized } from '../config/quantization.js';
import { readConfigJson } from './read-model-config.js';

/**
 * A `check` of `resolveModel`: refuses a model whose configuration or tokenizer cannot be used, or whose weights
 * are not those of the configuration, before its weights are downloaded. If a config.json names no architecture, the weights may identify it later.
 *
 * @example
 * ```ts
 * const { directory } = await resolveModel('roberta-base', { check: loadableModel });
 * ```
 * @throws ModelConfigError, UnsupportedArchitectureError, QuantizedModelError, MissingWeightsError, WeightShapeError, UnusedLayersError, and
 *   what `loadTokenizer` throws
 */
export const loadableModel: ModelCheck = async (directory, has, weights) => {
  if (has === 'tokenizer') return loadTokenizer(directory);
  const { value, file } = await readConfigJson(directory);
  const untold = typeof value === 'object' && value !== null && !declaresArchitecture(value);
  refuseQuantized(value, file);
  if (untold) return weights && refuseQuantizedTensors(weights.names, 'The weights');
  const config = parseModelConfig(value, file);
  if (weights) matchWeights(config, weights, value);
  return config;
};
