import { shown } from '@ntk-lens/checkpoints';
import type { z } from 'zod';
import { ModelConfigError, UnsupportedArchitectureError } from './errors.js';
import { type ModelConfig, type ModelType, modelTypes } from './model-config.js';
import { normalizeConfig } from './normalize-config.js';
import { rawConfigs } from './raw-config.js';

/**
 * Checks the JSON value of a config.json.
 *
 * @param value the JSON value
 * @param file named in errors
 */
export const parseModelConfig = (value: unknown, file = 'config.json'): ModelConfig => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ModelConfigError(file, shown(value), 'a JSON object');
  }
  const modelType = modelTypeOf(value as Readonly<Record<string, unknown>>, file);
  return parseAs(modelType, value, file);
};

const parseAs = <T extends ModelType>(modelType: T, value: unknown, file: string): ModelConfig => {
  const schema: z.ZodType = rawConfigs[modelType];
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    const field = first?.path.join('.') || 'a field';
    throw new ModelConfigError(
      file,
      `${field}: ${first?.message ?? 'a wrong value'}`,
      `a ${modelType} config`,
    );
  }
  // The schema was chosen by modelType, so its output is that type's raw config.
  const raw = parsed.data as Parameters<typeof normalizeConfig<T>>[1];
  return normalizeConfig(modelType, raw, (found, expected) => {
    throw new ModelConfigError(file, found, expected);
  });
};

// Files older than `model_type` (the first roberta-base among them) name only a class.
const classPrefixes: readonly (readonly [string, ModelType])[] = [
  ['XLMRoberta', 'xlm-roberta'],
  ['Roberta', 'roberta'],
  ['DistilBert', 'distilbert'],
  ['Albert', 'albert'],
  ['Electra', 'electra'],
  ['Bert', 'bert'],
  ['GPT2', 'gpt2'],
];

const modelTypeOf = (config: Readonly<Record<string, unknown>>, file: string): ModelType => {
  const { model_type: declared, architectures } = config;
  const supported = modelTypes.map((name) => (name === 'roberta' ? 'roberta (also DistilRoBERTa)' : name));
  if (declared !== undefined && declared !== null) {
    const known = modelTypes.find((name) => name === declared);
    if (known !== undefined) return known;
    throw new UnsupportedArchitectureError(file, `model_type ${shown(declared)}`, supported);
  }
  const className = Array.isArray(architectures) ? architectures[0] : undefined;
  if (typeof className !== 'string') {
    throw new UnsupportedArchitectureError(file, 'a model without model_type', supported);
  }
  const match = classPrefixes.find(([prefix]) => new RegExp(`^${prefix}(For|Model|LMHead)`).test(className));
  if (match === undefined) throw new UnsupportedArchitectureError(file, className.slice(0, 80), supported);
  return match[1];
};
