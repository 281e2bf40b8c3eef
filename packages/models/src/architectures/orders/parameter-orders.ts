import type { ModelConfig, ModelType } from '../../config/model-config.js';
import { parametersOf } from '../parameters-of.js';
import { albertOrders } from './albert.js';
import { bertOrders } from './bert.js';
import type { ConfigOf, ParameterOrders } from './choices.js';
import { distilbertOrders } from './distilbert.js';
import { electraOrders } from './electra.js';
import { gpt2Orders } from './gpt2.js';
import { robertaOrders } from './roberta.js';

const ordersByType = {
  bert: bertOrders,
  roberta: robertaOrders,
  'xlm-roberta': robertaOrders,
  distilbert: distilbertOrders,
  albert: albertOrders,
  electra: electraOrders,
  gpt2: gpt2Orders,
} satisfies { readonly [T in ModelType]: ParameterOrders<ConfigOf<T>> };

const ordersOf = ({ modelType }: ModelConfig): ParameterOrders => ordersByType[modelType];

/**
 * Every order in which a language-model class of transformers 4 or 5 has the trained parameters of a configuration, with
 * and without the parts that this project's networks do not use: poolers, and heads of sentence pairs. A tied decoder
 * is there once.
 */
export const parameterOrders = (config: ModelConfig): readonly (readonly string[])[] =>
  ordersOf(config)
    .orders(config)
    .flatMap((choices) =>
      choices.reduce<readonly (readonly string[])[]>(
        (orders, choice) => orders.flatMap((order) => choice.map((names) => [...order, ...names])),
        [[]],
      ),
    );

/** Shapes of all parameters that an order may name, the network's own and the others. */
export const orderedShapes = (config: ModelConfig): ReadonlyMap<string, readonly number[]> =>
  new Map([...parametersOf(config), ...ordersOf(config).unused(config)]);
