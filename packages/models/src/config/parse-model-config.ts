import { shown } from '@ntk-lens/checkpoints';
import * as z from 'zod';
import type { Architecture } from '../architectures/define-architecture.js';
import type { NetworkConfig } from '../architectures/network-config.js';
import type { Complain } from '../architectures/parts/config-fields.js';
import { architectures, type ModelConfig } from '../architectures/registry.js';
import { ModelConfigError, UnsupportedArchitectureError } from './errors.js';

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
  return parseAs(architectureIn(value, file), value, file);
};

const parseAs = (architecture: Architecture, value: object, file: string): ModelConfig => {
  const { modelType, objective } = architecture;
  const complain: Complain = (found, expected) => {
    throw new ModelConfigError(file, found, expected);
  };
  const parsed = z.object(architecture.fields).safeParse(value);
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    const field = first?.path.join('.') || 'a field';
    return complain(`${field}: ${first?.message ?? 'a wrong value'}`, `a ${modelType} config`);
  }
  const fields = parsed.data;
  const config = architecture.config(fields, complain);
  refuseContradictions(config, complain);
  if (fields.add_cross_attention) complain('add_cross_attention: true', 'a model without cross attention');
  if (fields.is_decoder && objective === 'masked') complain('is_decoder: true', 'an encoder');
  // The architecture was chosen by its type, so this is that type's configuration.
  return { modelType, architectures: fields.architectures ?? [], ...config } as ModelConfig;
};

const refuseContradictions = (config: NetworkConfig, complain: Complain): void => {
  const { hiddenSize, heads, padTokenId, vocabSize, positions } = config;
  if (hiddenSize % heads !== 0)
    complain(`hidden size ${hiddenSize} with ${heads} attention heads`, 'heads that divide the hidden size');
  if (padTokenId >= vocabSize)
    complain(`pad_token_id ${padTokenId} in a vocabulary of ${vocabSize}`, 'an id of the vocabulary');
  if (config.maxTokens < 1)
    complain(`${positions} positions with pad_token_id ${padTokenId}`, 'room for at least one token');
};

const architectureIn = (config: object, file: string): Architecture => {
  const { model_type: declared, architectures: classes } = config as Readonly<Record<string, unknown>>;
  const refuse = (found: string) => {
    const supported = [...architectures.values()].map(({ modelType, title }) => `${modelType} (${title})`);
    return new UnsupportedArchitectureError(file, found, supported);
  };
  if (declared !== undefined && declared !== null) {
    const known = architectures.get(declared as string);
    if (known) return known;
    throw refuse(`model_type ${shown(declared)}`);
  }
  // Files older than `model_type` (the first roberta-base among them) name only a class.
  const className = Array.isArray(classes) ? classes[0] : undefined;
  if (typeof className !== 'string') throw refuse('a model without model_type');
  const match = [...architectures.values()].find(({ classes: { prefix } }) =>
    new RegExp(`^${prefix}(For|Model|LMHead)`).test(className),
  );
  if (match === undefined) throw refuse(className.slice(0, 80));
  return match;
};
