import { BadArgumentError, didYouMean } from '@ntk-lens/core';
import { adam } from './adam.js';
import { adamW } from './adamw.js';
import type { OptimizerDefinition } from './optimizer-definition.js';
import { sgd } from './sgd.js';
import { signGd } from './sign-gd.js';

/** Every optimizer. */
const all = [sgd, adam, adamW, signGd] as const;

type Defined = (typeof all)[number];

export type OptimizerName = Defined['name'];

/** An optimizer that has a name among {@link optimizerNames}. */
export type NamedOptimizer = OptimizerDefinition<OptimizerName, string, OptimizerName>;

/** The name, and those numbers that shall differ from the defaults. */
type OptionsOf<D extends Defined> =
  D extends OptimizerDefinition<infer N, infer S, string>
    ? { readonly name: N } & { readonly [K in S]?: number }
    : never;

/** An optimizer by its name, with its settings; names and defaults are those of torch.optim. */
export type OptimizerOptions = OptionsOf<Defined>;

/** Names of optimizers, in the order in which they are listed for people. */
export const optimizerNames: readonly OptimizerName[] = all.map(({ name }) => name);

/**
 * An optimizer as a value, with its name, settings, steps and their consequences.
 *
 * @example
 * ```ts
 * optimizerNamed('adam').kernels.main; // 'signgd'
 * ```
 * @throws BadArgumentError for an unknown name; it lists the known ones
 */
export const optimizerNamed = (name: OptimizerName): NamedOptimizer => {
  const found = all.find((optimizer) => optimizer.name === name);
  if (!found)
    throw new BadArgumentError(
      'optimizer',
      name,
      optimizerNames.join(', '),
      didYouMean(name, optimizerNames),
    );
  return found as NamedOptimizer;
};

/**
 * Options of an optimizer from numbers of which it takes some: the others are left out.
 *
 * @example
 * ```ts
 * optimizerOptions('adam', { momentum: 0.9, weightDecay: 0.1 }); // { name: 'adam', weightDecay: 0.1 }
 * ```
 * @throws BadArgumentError for an unknown name
 * @internal
 */
export const optimizerOptions = (
  name: OptimizerName,
  numbers: Readonly<Record<string, number | undefined>>,
): OptimizerOptions => {
  const taken = Object.keys(optimizerNamed(name).settings).flatMap((setting) => {
    const value = numbers[setting];
    return value === undefined ? [] : [[setting, value] as const];
  });
  return { name, ...Object.fromEntries(taken) } as OptimizerOptions;
};
