import { siteParameters } from '../sites/site-kinds.js';
import { buildStages } from './build-stages.js';
import { parametersOf } from './parameters-of.js';
import { architectureOf, type ModelConfig } from './registry.js';

/**
 * Every order in which a language-model class of transformers 4 or 5 has the trained parameters of a configuration, with
 * and without the parts that this project's networks do not use: poolers, and heads of sentence pairs. A tied decoder
 * is there once.
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

/** The parameters of the network's LayerNorms. */
export const normParameters = (config: ModelConfig): ReadonlySet<string> =>
  new Set(
    buildStages(config, [0])
      .flatMap(({ sites }) => sites.flatMap(siteParameters))
      .flatMap(({ role, ref }) => (role === 'scale' || role === 'shift' ? [ref.name] : [])),
  );
