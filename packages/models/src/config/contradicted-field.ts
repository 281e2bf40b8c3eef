import { isNtkLensError, sameShape } from '@ntk-lens/core';
import { nameRulesOf } from '../architectures/name-rules.js';
import { parametersOf } from '../architectures/parameters-of.js';
import type { ModelConfig } from '../architectures/registry.js';
import { missingIn, type TensorNames } from '../names/common-prefix.js';
import type { WrongShape } from '../names/resolve-errors.js';
import { placesOf } from '../names/weight-names.js';
import { parseModelConfig } from './parse-model-config.js';

/**
 * Finds the one field of config.json that would explain the weights if it had another value.
 *
 * @param value the JSON value of config.json
 * @param other the value of a field that could explain them, from the one that it has
 * @param explains whether a configuration with that value fits the weights
 * @returns a sentence for an error
 */
const contradictedField = (
  value: unknown,
  other: (declared: number) => number,
  explains: (config: ModelConfig) => boolean,
): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [field, declared] of Object.entries(value)) {
    if (!Number.isSafeInteger(declared) || declared < 1) continue;
    const stored = other(declared as number);
    if (stored === declared || !Number.isSafeInteger(stored)) continue;
    try {
      if (explains(parseModelConfig({ ...value, [field]: stored })))
        return `config.json says "${field}": ${declared}, and the weights are of ${stored}.`;
    } catch (error) {
      // The other fields do not allow this value.
      if (!isNtkLensError(error)) throw error;
    }
  }
  return undefined;
};

/** The field that would give parameters the shapes of the stored tensors. */
export const fieldOfShapes = (value: unknown, wrong: readonly WrongShape[]): string | undefined => {
  const { found, expected } = wrong[0]!;
  const axis = expected.findIndex((size, i) => size !== found[i]);
  return contradictedField(
    value,
    (declared) => (declared * found[axis]!) / expected[axis]!,
    (config) => {
      const parameters = parametersOf(config);
      return wrong.every(({ name, found: stored }) => sameShape(parameters.get(name) ?? [], stored));
    },
  );
};

/** Numbers of layers that the names of tensors suggest. */
const layersIn = (names: readonly string[]): number =>
  1 + names.reduce((most, name) => Math.max(most, Number(/\.(\d+)\./.exec(name)?.[1] ?? -1)), -1);

/** The field that would make the model one whose parameters are all there and whose `wanted` tensors are used. */
export const fieldOfLayers = (
  value: unknown,
  names: TensorNames,
  wanted: readonly string[] = [],
): string | undefined => {
  const layers = layersIn(names.names);
  return contradictedField(
    value,
    () => layers,
    (config) => {
      const naming = { rules: nameRulesOf(config), tieWordEmbeddings: config.tieWordEmbeddings };
      const parameters = parametersOf(config);
      if (missingIn(names, parameters, naming).length > 0) return false;
      const used = new Set([...parameters.keys()].flatMap((name) => placesOf(name, naming)));
      return wanted.every((name) => used.has(name));
    },
  );
};
