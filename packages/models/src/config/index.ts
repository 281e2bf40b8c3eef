export { ModelConfigError, UnsupportedArchitectureError } from './errors.js';
export { parseModelConfig } from './parse-model-config.js';
