export { ModelConfigError, UnsupportedArchitectureError } from './errors.js';
export { parseModelConfig, readModelConfig } from './read-model-config.js';
