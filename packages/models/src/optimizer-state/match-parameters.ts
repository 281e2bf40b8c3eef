import type { ParameterKey, StoredState } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import { nameRulesOf } from '../architectures/name-rules.js';
import { orderedShapes } from '../architectures/parameter-orders.js';
import type { LanguageModel } from '../language-model.js';
import { storedNames } from '../names/weight-names.js';
import { OptimizerModelError, ParameterNamesError } from './errors.js';

/** The part of a model that matching needs. */
export type MatchedModel = Pick<LanguageModel, 'config' | 'parameters' | 'storedName'>;

/** Prefixes that wrappers of modules put before names: DistributedDataParallel, torch.compile. */
const unwrapped = (name: string): string => name.replace(/(?:^|(?<=\.))(?:module|_orig_mod)\./g, '');

/** Parameters of the model that are one stored tensor, such as a tied decoder and the word embeddings. */
const sharedTensors = ({ parameters, storedName }: MatchedModel): ReadonlyMap<string, readonly string[]> => {
  const shared = new Map<string, string[]>();
  for (const name of parameters.keys())
    shared.set(storedName(name), [...(shared.get(storedName(name)) ?? []), name]);
  return shared;
};

/** The names under which the optimizer has parameters, for every stored tensor of the model. */
const namesIn = (
  keys: ReadonlyMap<string, ParameterKey>,
  model: MatchedModel,
): (readonly [names: readonly string[], stored: readonly string[]])[] => {
  const rules = nameRulesOf(model.config);
  const nameIn = (parameter: string) => storedNames(parameter, rules).find((name) => keys.has(name)) ?? [];
  return [...sharedTensors(model).values()].map((names) => [names, names.flatMap(nameIn)]);
};

/**
 * Finds the optimizer's parameter behind every parameter of a model: under its name with or without the base prefix, as
 * the weight reader finds weights. Parameters that are one stored tensor are one parameter.
 *
 * @param keys names in the optimizer → keys of the file
 * @returns parameter → key, for those that the optimizer has
 */
export const findKeys = (
  keys: ReadonlyMap<string, ParameterKey>,
  model: MatchedModel,
): ReadonlyMap<string, ParameterKey> => {
  const found = new Map<string, ParameterKey>();
  for (const [names, [stored]] of namesIn(keys, model)) {
    if (stored !== undefined) for (const name of names) found.set(name, keys.get(stored)!);
  }
  return found;
};

/**
 * Finds the state that the optimizer keeps for every parameter of a model, and checks its shape.
 *
 * @param keys names in the optimizer → keys of the file
 * @returns parameter → key, for those that have a state
 * @throws OptimizerModelError for shapes that differ, parameters of a larger model, and a decoder that is not tied
 * @throws ParameterNamesError where no parameter has a state, or a name is there twice
 */
export const matchParameters = (
  file: string,
  state: StoredState,
  keys: ReadonlyMap<string, ParameterKey>,
  model: MatchedModel,
): ReadonlyMap<string, ParameterKey> => {
  const plain = new Map<string, ParameterKey>();
  for (const [name, key] of keys) {
    if (plain.has(unwrapped(name)))
      throw new ParameterNamesError(file, `"${unwrapped(name)}" is there twice`);
    plain.set(unwrapped(name), key);
  }
  const differences = [...strangers(plain.keys(), model), ...untied(plain, model)];
  const matched = new Map<string, ParameterKey>();
  for (const [name, key] of findKeys(plain, model)) {
    const found = state.moments.get(key)?.shape;
    if (found === undefined) continue;
    const shape = model.parameters.get(name)!;
    if (!sameShape(found, shape))
      differences.push(`found "${name}" of shape [${found}], expected [${shape}]`);
    matched.set(name, key);
  }
  if (differences.length > 0) throw new OptimizerModelError(file, differences);
  if (matched.size === 0) {
    const found = [...plain.keys()].slice(0, 3).join(', ').slice(0, 300);
    const expected = [...model.parameters.keys()].slice(0, 2).join(', ');
    throw new ParameterNamesError(file, `found names ${found || 'none'}, expected names such as ${expected}`);
  }
  return matched;
};

/** Parameters that the optimizer keeps apart and the model does not. */
const untied = (keys: ReadonlyMap<string, ParameterKey>, model: MatchedModel): string[] =>
  namesIn(keys, model).flatMap(([, stored]) =>
    new Set(stored).size > 1
      ? [
          `found ${stored.join(' and ')} apart, expected one tensor, because the model's decoder is tied to its word embeddings`,
        ]
      : [],
  );

/** Parameters in the modules of the base model that no model of this configuration has: more layers, adapters. */
const strangers = (names: Iterable<string>, { config, parameters }: MatchedModel): string[] => {
  const rules = nameRulesOf(config);
  const shapes = orderedShapes(config);
  const known = new Set([...shapes.keys(), ...parameters.keys()].flatMap((name) => storedNames(name, rules)));
  const modules = new Set(
    [...shapes.keys()]
      .filter((name) => name.startsWith(rules.base))
      .map((name) => name.slice(rules.base.length).split('.')[0]!),
  );
  const inBase = (name: string) =>
    modules.has((name.startsWith(rules.base) ? name.slice(rules.base.length) : name).split('.')[0]!);
  return [...names]
    .filter((name) => !known.has(name) && inBase(name))
    .map((name) => `found a parameter "${name.slice(0, 200)}", which the model lacks`);
};
