import { readFileSync } from 'node:fs';
import { usualRates } from '@ntk-lens/engine';
import { modelWithoutWeights, parseModelConfig } from '@ntk-lens/models';
import { sampled } from '@ntk-lens/testing/sampled';
import { expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../../models/src/testing/architecture-cases.js';
import { explainKernels } from './explain-kernels.js';

/** Tables of so many positions are long constants of a program. */
const positions = { max_position_embeddings: 4096 };

test.each(['llama', ...sampled(architectureNames, 2)])(
  '%s: factors of all outputs compute each value of the forward pass again once at most',
  (name) => {
    const { directory, examples, labelWordIds } = architectureCase(name);
    const stored = JSON.parse(readFileSync(`${directory}/config.json`, 'utf8'));
    const model = modelWithoutWeights(parseModelConfig({ ...stored, ...positions }));
    /** Nothing is kept where pages cost as much. */
    const rates = { ...usualRates, newPages: 1 };
    const plan = (outputs: number) =>
      explainKernels({
        ...{ model, formula: 'sgd', rates, train: examples, queries: {} },
        labelWordIds: labelWordIds.slice(0, outputs),
      });
    const [one, two] = [plan(1), plan(2)];
    expect(one.kept.againFlops).toBeGreaterThan(0);
    expect(one.kept.againFlops).toBeLessThanOrEqual(one.forward.flops);
    expect(two.kept.againFlops).toBe(one.kept.againFlops);
  },
);
