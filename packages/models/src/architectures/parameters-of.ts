import { buildStages } from './build-stages.js';
import type { ModelConfig } from './registry.js';

/** Parameters of a network and their shapes; label rows do not matter for that. */
export const parametersOf = (config: ModelConfig): ReadonlyMap<string, readonly number[]> => {
  const parameters = new Map<string, readonly number[]>();
  for (const stage of buildStages(config, [0])) {
    for (const { name, shape } of Object.values(stage.weights)) parameters.set(name, shape);
  }
  return parameters;
};
