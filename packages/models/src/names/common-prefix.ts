import type { KnownTensors, WeightSource } from '@ntk-lens/checkpoints';
import { type CheckpointNaming, placesOf } from './weight-names.js';

/** The names of a file's tensors. */
export type TensorNames = Pick<WeightSource, 'names' | 'has'>;

/** Parameters of an architecture that a file holds under no name. */
export const missingIn = (
  names: TensorNames,
  expected: ReadonlyMap<string, readonly number[]>,
  naming: CheckpointNaming,
): readonly string[] =>
  [...expected.keys()].filter((name) => !placesOf(name, naming).some((place) => names.has(place)));

/** The prefixes of a parameter's name in the names of tensors. */
const prefixesOf = (name: string, names: TensorNames, naming: CheckpointNaming): readonly string[] => {
  const places = placesOf(name, naming);
  const prefixes = names.names.flatMap((stored) => {
    // The longest spelling, which has the base model's prefix, leaves the shortest prefix.
    const place = places.find((known) => stored.endsWith(`.${known}`));
    return place === undefined ? [] : [stored.slice(0, stored.length - place.length)];
  });
  return [...new Set(prefixes)];
};

/**
 * Prefixes that wrappers such as DistributedDataParallel (`module.`) and torch.compile (`_orig_mod.`), or a
 * class around the model, put before the names of tensors.
 *
 * @returns prefixes under which missing parameters are found, with those that are missing even so; several
 * where a file
 *   holds several models
 */
export const commonPrefixes = (
  names: TensorNames,
  missing: readonly string[],
  naming: CheckpointNaming,
): ReadonlyMap<string, readonly string[]> => {
  const holds = (prefix: string, name: string) =>
    placesOf(name, naming).some((place) => names.has(`${prefix}${place}`));
  const prefixes = missing.length === 0 ? [] : prefixesOf(missing[0]!, names, naming);
  return new Map(prefixes.map((prefix) => [prefix, missing.filter((name) => !holds(prefix, name))]));
};

/** The one prefix under which all missing parameters are found. */
export const prefixToLeaveOut = (
  names: TensorNames,
  expected: ReadonlyMap<string, readonly number[]>,
  naming: CheckpointNaming,
): string | undefined => {
  const prefixes = commonPrefixes(names, missingIn(names, expected, naming), naming);
  const whole = [...prefixes].filter(([, missing]) => missing.length === 0);
  return whole.length === 1 ? whole[0]![0] : undefined;
};

/** Names of tensors as if they had no such prefix, and as they are stored; a name without it comes first. */
const spelling = (source: KnownTensors, prefix: string) => ({
  stored: (name: string) => (source.has(name) ? name : `${prefix}${name}`),
  bare: (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name),
});

/** Tensors that are called as if they had no such prefix. */
export const knownWithoutPrefix = (source: KnownTensors, prefix: string): KnownTensors => {
  const { stored, bare } = spelling(source, prefix);
  return {
    names: [...new Set(source.names.map(bare))],
    unlisted: source.unlisted && new Map([...source.unlisted].map(([name, file]) => [bare(name), file])),
    has: (name) => source.has(stored(name)),
    info: (name) => source.info(stored(name)),
  };
};

/** A source of such tensors. */
export const withoutPrefix = (source: WeightSource, prefix: string): WeightSource => {
  const { stored } = spelling(source, prefix);
  return {
    ...knownWithoutPrefix(source, prefix),
    info: (name) => source.info(stored(name)),
    read: (name, options) => source.read(stored(name), options),
    bytes: (name) => source.bytes(stored(name)),
    close: () => source.close(),
  };
};
