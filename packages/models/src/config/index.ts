export { ModelConfigError, UnsupportedArchitectureError } from './errors.js';
export {
  type Activation,
  type AlbertConfig,
  activations,
  type BaseModelConfig,
  type BertLikeConfig,
  type DistilBertConfig,
  type ElectraConfig,
  type Gpt2Config,
  type ModelConfig,
  type ModelType,
  modelTypes,
} from './model-config.js';
export { parseModelConfig } from './parse-model-config.js';
