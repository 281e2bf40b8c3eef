import { readFileSync } from 'node:fs';
import { usualRates } from '@ntk-lens/engine';
import { modelWithoutWeights, parseModelConfig } from '@ntk-lens/models';
import { expect, test } from 'vitest';
import { tileKernels } from '../request/prepare.js';
import { oracleCase } from '../testing/oracle-cases.js';

const { directory, labelWordIds } = oracleCase('bert');
const layers = { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, num_hidden_layers: 12 };
const stored = JSON.parse(readFileSync(`${directory}/config.json`, 'utf8'));
const model = modelWithoutWeights(
  parseModelConfig({ ...stored, ...layers, max_position_embeddings: 64, vocab_size: 3000 }),
);

const examples = Array.from({ length: 576 }, (_, i) => {
  const length = 14 + ((7 * i) % 17);
  return { inputIds: Array.from({ length }, (_, at) => at + 3), position: length - 2 };
});
const [train, queries] = [examples.slice(0, 64), { test: examples.slice(64) }];

/** Sweeps for two processes of one thread each, with 2 GiB. */
const sweepsAt = (newPages: number): number => {
  const rates = { ...usualRates, products: 75e9, thinProducts: 50e9, newPages };
  const labels = labelWordIds.slice(0, 2);
  const request = { model, formula: 'sgd', labelWordIds: labels, train, queries, rates, parts: 2 };
  const { plan, states } = tileKernels({ ...request, memory: 2 ** 31 });
  expect(states).toBeDefined();
  return plan.sweeps.length;
};

test('processes read the states of the training examples in more sweeps only if that takes less time than it saves', () => {
  expect(sweepsAt(2.3e9)).toBe(2);
  expect(sweepsAt(23e9)).toBeGreaterThan(2);
});
