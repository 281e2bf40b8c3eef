import type { ParameterSpace } from '../space.js';
import type { SpaceArguments } from './space-arguments.js';

/** The text form of a kind of space, as on the command line. */
export interface SpaceSyntax {
  readonly name: string;
  /** E.g. `lora:r=8,alpha=16,targets=query+value`. */
  readonly usage: string;
  /** One line for help texts. */
  readonly summary: string;
  /** Key of the first argument where it stands without one. */
  readonly first?: string;
  parse(args: SpaceArguments): ParameterSpace;
}

/** `name:key=value,…` of the values that are given; lists joined by `+`. */
export const formatSpec = (
  name: string,
  values: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string => {
  const parts = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : String(value)}`);
  return parts.length === 0 ? name : `${name}:${parts.join(',')}`;
};
