import { isNtkLensError, sameShape } from '@ntk-lens/core';
import { nameRulesOf } from '../architectures/name-rules.js';
import { parametersOf } from '../architectures/parameters-of.js';
import type { ModelConfig } from '../architectures/registry.js';
import { missingIn, type TensorNames } from '../names/common-prefix.js';
import type { WrongShape } from '../names/resolve-errors.js';
import { placesOf } from '../names/weight-names.js';
import { parseModelConfig } from './parse-model-config.js';

/**
 * Finds fields of config.json, each of which would explain the weights if it had another value.
 *
 * @param value the JSON value of config.json
 * @param others values of a field that could explain them, from the one that it has
 * @param explains whether a configuration with that value fits the weights
 * @returns a sentence for an error
 */
const contradictedFields = (
  value: unknown,
  others: (declared: number) => readonly number[],
  explains: (config: ModelConfig) => boolean,
): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const fits = (changed: object): boolean => {
    try {
      return explains(parseModelConfig(changed));
    } catch (error) {
      // The other fields do not allow this value.
      if (!isNtkLensError(error)) throw error;
      return false;
    }
  };
  const found = Object.entries(value).flatMap(([field, declared]) => {
    if (!Number.isSafeInteger(declared) || declared < 1) return [];
    const stored = others(declared as number).find(
      (other) => other !== declared && Number.isSafeInteger(other) && fits({ ...value, [field]: other }),
    );
    return stored === undefined ? [] : [`"${field}": ${declared}, and the weights are of ${stored}`];
  });
  return found.length === 0 ? undefined : `config.json says ${found.join(', or it says ')}.`;
};

/** The fields that would give parameters the shapes of the stored tensors. */
export const fieldsOfShapes = (value: unknown, wrong: readonly WrongShape[]): string | undefined => {
  const { found, expected } = wrong[0]!;
  const axis = expected.findIndex((size, i) => size !== found[i]);
  const [stored, asked] = [found[axis]!, expected[axis]!];
  return contradictedFields(
    value,
    // A size is a multiple of the field, or a few more, as tables of positions are, or a part of another size.
    (declared) => [(declared * stored) / asked, declared + stored - asked, (declared * asked) / stored],
    (config) => {
      const parameters = parametersOf(config);
      return wrong.every(({ name, found: shape }) => sameShape(parameters.get(name) ?? [], shape));
    },
  );
};

/** Number of layers that the names of tensors suggest. */
const layersIn = (names: readonly string[]): number =>
  1 + names.reduce((most, name) => Math.max(most, Number(/\.(\d+)\./.exec(name)?.[1] ?? -1)), -1);

/** The fields that would make the model one whose parameters are all there and whose `wanted` tensors are used. */
export const fieldsOfLayers = (
  value: unknown,
  names: TensorNames,
  wanted: readonly string[] = [],
): string | undefined => {
  const layers = layersIn(names.names);
  return contradictedFields(
    value,
    () => [layers],
    (config) => {
      const naming = { rules: nameRulesOf(config), tieWordEmbeddings: config.tieWordEmbeddings };
      const parameters = parametersOf(config);
      if (missingIn(names, parameters, naming).length > 0) return false;
      const used = new Set([...parameters.keys()].flatMap((name) => placesOf(name, naming)));
      return wanted.every((name) => used.has(name));
    },
  );
};
