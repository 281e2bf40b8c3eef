import { shown } from '@ntk-lens/checkpoints';
import { isError, keyOfOtherCase } from '@ntk-lens/core';
import * as z from 'zod';
import { buildStages } from '../architectures/build-stages.js';
import type { Architecture } from '../architectures/define-architecture.js';
import { nameRulesOf } from '../architectures/name-rules.js';
import type { NetworkConfig } from '../architectures/network-config.js';
import { parametersOf } from '../architectures/parameters-of.js';
import type { Complain } from '../architectures/parts/config-fields.js';
import { architectures, declaredTypes, type ModelConfig } from '../architectures/registry.js';
import { missingIn, prefixToLeaveOut, type TensorNames } from '../names/common-prefix.js';
import { ModelConfigError, UnsupportedArchitectureError } from './errors.js';
import { expertsOf } from './experts.js';
import { refuseQuantized } from './quantization.js';

/**
 * Checks the JSON value of a config.json.
 *
 * @param value the JSON value
 * @param file named in errors
 * @param tensors names of the weights, which identify a configuration without `model_type`
 * @throws ModelConfigError, QuantizedModelError, UnsupportedArchitectureError
 */
export const parseModelConfig = (
  value: unknown,
  file = 'config.json',
  tensors?: TensorNames,
): ModelConfig => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ModelConfigError(file, shown(value), 'a JSON object');
  }
  refuseQuantized(value, file);
  refuseExperts(value, file);
  const architecture = declaredIn(value, file);
  const config = architecture
    ? parseAs(architecture, value, file)
    : tensors && inferred(value, file, tensors);
  if (config) return config;
  const found = tensors
    ? 'a model without model_type, whose tensors are not those of one architecture'
    : 'a model without model_type';
  throw refused(file, found, ' Add "model_type" to it, the name before one of the brackets.');
};

const parseAs = (architecture: Architecture, value: object, file: string): ModelConfig => {
  const { modelType, objective } = architecture;
  const complain: Complain = (found, expected) => {
    throw new ModelConfigError(file, found, expected);
  };
  for (const field of ['model_type', ...Object.keys(architecture.fields)]) {
    const other = keyOfOtherCase(value, field);
    if (other !== undefined) complain(`the key ${shown(other)}`, `"${field}"`);
  }
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
  if (config.headSize === undefined && hiddenSize % heads !== 0)
    complain(`hidden size ${hiddenSize} with ${heads} attention heads`, 'heads that divide the hidden size');
  if (padTokenId >= vocabSize)
    complain(`pad_token_id ${padTokenId} in a vocabulary of ${vocabSize}`, 'an id of the vocabulary');
  if (config.maxTokens < 1)
    complain(`${positions} positions with pad_token_id ${padTokenId}`, 'room for at least one token');
};

const declaredIn = (config: object, file: string): Architecture | undefined => {
  const { model_type: declared, architectures: classes } = config as Readonly<Record<string, unknown>>;
  if (declared !== undefined && declared !== null) {
    const known = declaredTypes.get(declared as string);
    if (known) return known.architecture;
    throw refused(file, `model_type ${shown(declared)}`);
  }
  // Files older than `model_type` (the first roberta-base among them) name only a class.
  const className = Array.isArray(classes) ? classes[0] : undefined;
  if (typeof className !== 'string') return undefined;
  const match = [...declaredTypes.values()].find(({ classes: { prefix } }) =>
    new RegExp(`^${prefix}(For|Model|LMHead)`).test(className),
  );
  if (match === undefined) throw refused(file, className.slice(0, 80));
  return match.architecture;
};

/** A mixture of experts is refused before its architecture is asked for, which may be one that else is supported. */
const refuseExperts = (config: object, file: string): void => {
  const experts = expertsOf(config);
  const { model_type: declared } = config as { readonly model_type?: unknown };
  const type = declared === undefined ? '' : `model_type ${shown(declared)}, `;
  if (experts) throw refused(file, `a mixture of experts (${type}${experts})`);
};

const refused = (file: string, found: string, todo?: string): UnsupportedArchitectureError => {
  const supported = [...architectures.values()].map(({ modelType, title }) => `${modelType} (${title})`);
  return new UnsupportedArchitectureError(file, found, supported, todo);
};

/** True where a config.json says which architecture it is of, supported or not. */
export const declaresArchitecture = (config: object): boolean => {
  const { model_type: declared, architectures: classes } = config as Readonly<Record<string, unknown>>;
  return (declared ?? undefined) !== undefined || (Array.isArray(classes) && typeof classes[0] === 'string');
};

/**
 * The configuration for which the files hold every parameter. Architectures with equal stages that call all of them
 * alike (RoBERTa and XLM-RoBERTa) are one network, of which the first is taken.
 */
const inferred = (value: object, file: string, tensors: TensorNames): ModelConfig | undefined => {
  const fits = new Map<string, ModelConfig>();
  for (const architecture of architectures.values()) {
    try {
      const config = parseAs(architecture, value, file);
      const naming = { rules: nameRulesOf(config), tieWordEmbeddings: config.tieWordEmbeddings };
      const parameters = parametersOf(config);
      if (missingIn(tensors, parameters, naming).length > 0 && !prefixToLeaveOut(tensors, parameters, naming))
        continue;
      // Equal names are one network where the functions of the stages are equal, too.
      const network = buildStages(config, [0]).map(({ identity }) => identity);
      const key = [...parameters.keys(), ...network].join();
      if (!fits.has(key)) fits.set(key, config);
    } catch (error) {
      // The fields are those of another architecture.
      if (!isError(error, ModelConfigError)) throw error;
    }
  }
  return fits.size === 1 ? [...fits.values()][0] : undefined;
};
