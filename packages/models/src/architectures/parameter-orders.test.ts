import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseModelConfig } from '../config/parse-model-config.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { nameRulesOf } from './name-rules.js';
import { orderedShapes, parameterOrders } from './parameter-orders.js';

test.each(architectureNames)('transformers has the parameters of %s in an order that is known', (name) => {
  const { directory, squaredNorms } = architectureCase(name);
  const config = parseModelConfig(JSON.parse(readFileSync(`${directory}/config.json`, 'utf8')));
  const { decoderWeight } = nameRulesOf(config);
  // The program that made the case counted the decoder as a parameter of its own.
  const order = Object.keys(squaredNorms).filter(
    (parameter) => !(config.tieWordEmbeddings && parameter === decoderWeight),
  );
  const orders = parameterOrders(config);
  expect(orders.map(String)).toContain(String(order));
  const shapes = orderedShapes(config);
  expect(orders.flat().filter((parameter) => !shapes.has(parameter))).toEqual([]);
});
