import { siteParameters } from '../sites/site-kinds.js';
import { buildStages } from './build-stages.js';
import { parametersOf } from './parameters-of.js';
import { architectureOf, type ModelConfig } from './registry.js';

/**
 * Every order in which a language-model class of transformers 4 or 5 has the trained parameters of a
 * configuration. Each order exists with and without the parts that this project's networks do not use:
 * poolers, and heads of sentence pairs. A tied decoder is there once.
 */
export const parameterOrders = (config: ModelConfig): readonly (readonly string[])[] =>
  architectureOf(config)
    .orders(config)
    .flatMap((parts) =>
      parts.reduce<readonly (readonly string[])[]>(
        (orders, { choices }) => orders.flatMap((order) => choices.map((names) => [...order, ...names])),
        [[]],
      ),
    );

/** Shapes of all parameters that an order may name, the network's own and the others. */
export const orderedShapes = (config: ModelConfig): ReadonlyMap<string, readonly number[]> =>
  new Map([
    ...parametersOf(config),
    ...architectureOf(config)
      .orders(config)
      .flatMap((parts) => parts.flatMap(({ besides = [] }) => besides)),
  ]);

/**
 * Modules that transformers' classes have and the network has not, because the language model's logits do not depend on
 * them: poolers, heads of sentence pairs.
 *
 * @example
 * ```ts
 * modulesLeftOut(await readModelConfig('roberta-base')); // Set { 'roberta.pooler.dense' }
 * ```
 */
export const modulesLeftOut = (config: ModelConfig): ReadonlySet<string> => {
  const moduleOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'));
  const used = [...parametersOf(config).keys()];
  const modules = [...orderedShapes(config).keys()].map(moduleOf);
  return new Set(modules.filter((module) => !used.some((name) => name.startsWith(`${module}.`))));
};

/** The parameters of the network's LayerNorms. */
export const normParameters = (config: ModelConfig): ReadonlySet<string> =>
  new Set(
    buildStages(config, [0])
      .flatMap(({ sites }) => sites.flatMap(siteParameters))
      .flatMap(({ role, ref }) => (role === 'scale' || role === 'shift' ? [ref.name] : [])),
  );
