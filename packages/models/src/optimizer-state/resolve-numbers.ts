import type { ParameterKey, StoredState } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import { normParameters, orderedShapes, parameterOrders } from '../architectures/parameter-orders.js';
import type { ModelConfig } from '../architectures/registry.js';
import { groupRules } from './decay-groups.js';
import { ParameterNamesError } from './errors.js';
import { findKeys, type MatchedModel } from './match-parameters.js';

/** Names of an optimizer's parameters, and how they were found. */
export interface ResolvedNames {
  readonly keys: ReadonlyMap<string, ParameterKey>;
  readonly rule: string;
}

interface Candidate {
  readonly rule: string;
  readonly groups: readonly (readonly string[])[];
}

/**
 * Finds the names of parameters that a file only numbers. All orders of parameters that transformers has for
 * the architecture, split into groups by all known rules, are held against the file: the sizes of its groups
 * and the shape of every tensor. An order that fits is taken, unless two that fit disagree on a parameter.
 *
 * @param model candidates may disagree on parameters that it does not have
 * @throws ParameterNamesError where nothing fits, or what fits is ambiguous
 */
export const resolveNumbers = (file: string, state: StoredState, model: MatchedModel): ResolvedNames => {
  const { config } = model;
  const rules = groupRules(normParameters(config));
  const candidates = parameterOrders(config).flatMap((order) =>
    rules.map(({ name, groups }): Candidate => ({ rule: name, groups: groups(order) })),
  );
  const shapes = orderedShapes(config);
  const sized = candidates.filter(({ groups }) => sizesFit(state, groups));
  if (sized.length === 0) throw new ParameterNamesError(file, sizesDiffer(state, config, candidates));
  const fits = sized.map((candidate) => ({ ...candidate, ...keysOf(state, candidate, shapes) }));
  const found = fits.filter(({ wrong }) => wrong.length === 0);
  const first = found[0];
  if (first === undefined) {
    const { wrong } = fits.reduce((best, next) => (next.wrong.length < best.wrong.length ? next : best));
    throw new ParameterNamesError(
      file,
      `in the nearest order of a ${config.modelType} of transformers, ${wrong[0]}`,
    );
  }
  const chosen = findKeys(first.keys, model);
  for (const { keys } of found.slice(1)) {
    const other = findKeys(keys, model);
    const name = [...model.parameters.keys()].find((key) => chosen.get(key) !== other.get(key));
    if (name !== undefined) {
      const places = `${chosen.get(name) ?? 'none'} or ${other.get(name) ?? 'none'}`;
      throw new ParameterNamesError(
        file,
        `"${name}" may be parameter ${places}, because both have its shape`,
      );
    }
  }
  return { keys: first.keys, rule: first.rule };
};

/** Group by group; a file without groups has only the numbers of those parameters that have a state. */
const sizesFit = ({ groups, moments }: StoredState, expected: readonly (readonly string[])[]): boolean => {
  if (groups)
    return groups.length === expected.length && groups.every((g, i) => g.length === expected[i]!.length);
  const count = expected.flat().length;
  return moments.size === count && [...moments.keys()].every((key) => typeof key === 'number' && key < count);
};

const keysOf = (
  { groups, moments }: StoredState,
  { groups: expected }: Candidate,
  shapes: ReadonlyMap<string, readonly number[]>,
) => {
  const numbers = groups?.flat() ?? [...moments.keys()].sort((a, b) => Number(a) - Number(b));
  const names = expected.flat();
  const wrong: string[] = [];
  for (const [place, key] of numbers.entries()) {
    const name = names[place]!;
    const found = moments.get(key)?.shape;
    const shape = shapes.get(name);
    if (found && !(shape && sameShape(found, shape)))
      wrong.push(`parameter ${key} is "${name}" of shape [${shape ?? 'unknown'}], found [${found}]`);
  }
  return { keys: new Map(names.map((name, place) => [name, numbers[place]!])), wrong };
};

const sizesDiffer = (
  { groups, moments }: StoredState,
  config: ModelConfig,
  candidates: readonly Candidate[],
): string => {
  const shown = (sizes: readonly number[]) => sizes.join(' + ');
  const found = groups ? shown(groups.map((group) => group.length)) : String(moments.size);
  const known = new Set(
    candidates.map(({ groups: expected }) => shown(expected.map((group) => group.length))),
  );
  return `found groups of ${found} parameters, expected for a ${config.modelType} of transformers ${[...known].slice(0, 4).join(', or ')}`;
};
