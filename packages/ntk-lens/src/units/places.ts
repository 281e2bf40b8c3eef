import { isAbsolute, join, relative, resolve } from 'node:path';
import { isOption } from '../options/declare.js';
import { flagName } from '../options/flags.js';
import {
  defaultRunConfig,
  inFieldOrder,
  type RunConfig,
  runFields,
  withoutSources,
} from '../options/run-config.js';
import { PlaceNeededError } from './errors.js';
import type { Units } from './manifest.js';

/** Values of options with a path, which a worker is given again. */
export type Places = Partial<
  Pick<RunConfig, 'model' | 'data' | 'optimizerState' | 'optimizerNames' | 'profile'>
>;

const isPath = (name: string): boolean => {
  const field = runFields[name as keyof typeof runFields];
  return field !== undefined && isOption(field) && field.kind.path !== undefined;
};

/**
 * A configuration without paths outside of a directory: those inside are meant from there, and the names of the options with
 * others are listed.
 */
export const withoutPlaces = (
  config: RunConfig,
  directory: string,
): Pick<Units, 'config' | 'given' | 'sources'> => {
  const given: string[] = [];
  const entries = Object.entries(withoutSources(config)).flatMap(([name, value]) => {
    if (typeof value !== 'string' || !isPath(name) || !isAbsolute(value)) return [[name, value] as const];
    const inside = relative(resolve(directory), value);
    if (inside !== '' && !isAbsolute(inside) && inside.split(/[/\\]/)[0] !== '..')
      return [[name, `./${inside}`] as const];
    given.push(name);
    return [];
  });
  return { config: Object.fromEntries(entries) as Units['config'], given, sources: config.sources };
};

/**
 * The configuration of planned work, with the paths of this machine.
 *
 * @throws PlaceNeededError for options that lie outside of the directory and are not given
 */
export const withPlaces = (
  directory: string,
  { config, given, sources }: Units,
  places: Places,
): RunConfig => {
  const named = new Map(Object.entries(places).filter(([, value]) => value !== undefined));
  const missing = given.filter((name) => !named.has(name));
  if (missing.length > 0) throw new PlaceNeededError(directory, missing);
  const whole = Object.entries(config).map(([name, value]) => [
    name,
    typeof value === 'string' && isPath(name) && value.startsWith('./')
      ? join(resolve(directory), value)
      : value,
  ]);
  const own = Object.fromEntries([...named].filter(([name]) => given.includes(name)));
  return inFieldOrder({ ...defaultRunConfig, ...Object.fromEntries(whole), ...own, sources });
};

/** The values of a configuration that workers are given again. */
export const placesOf = (config: RunConfig, { given }: Units): Places =>
  Object.fromEntries(given.map((name) => [name, config[name as keyof Places]]));

/** Flags by which a worker is given the options that lie outside of a directory. */
export const givenFlags = (given: readonly string[]): readonly string[] =>
  given.flatMap((name) => {
    const field = runFields[name as keyof Places];
    return field !== undefined && isOption(field) ? [flagName(field)] : [];
  });

/** Arguments by which a worker is given the places. */
export const placeFlags = (places: Places): readonly string[] =>
  Object.entries(places).flatMap(([name, value]) => {
    const [flag] = givenFlags([name]);
    return value !== undefined && flag !== undefined ? [flag, value] : [];
  });
