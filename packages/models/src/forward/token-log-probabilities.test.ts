import { createRuntime } from '@ntk-lens/engine';
import { expect, it } from 'vitest';
import { loadModel } from '../node/load-model.js';
import { architectureCase } from '../testing/architecture-cases.js';
import { forwardLogits } from './forward-logits.js';
import { tokenLogProbabilities } from './token-log-probabilities.js';

it.each(['roberta', 'gpt2'])(
  'of all tokens of %s are a distribution, and differ as their logits do',
  async (name) => {
    const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
    const { directory, examples } = architectureCase(name);
    const model = await loadModel(directory);
    const tokens = Array.from({ length: model.config.vocabSize }, (_, id) => id);
    const all = await tokenLogProbabilities({ model, runtime, examples, tokens });
    const logits = await forwardLogits({ model, runtime, examples, labelWordIds: [7, 11] });
    for (let i = 0; i < examples.length; i++) {
      const row = all.data.subarray(i * tokens.length, (i + 1) * tokens.length);
      expect(row.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 6);
      expect(row[7]! - row[11]!).toBeCloseTo(logits.data[2 * i]! - logits.data[2 * i + 1]!, 4);
    }
    await expect(
      tokenLogProbabilities({ model, runtime, examples, tokens: [tokens.length] }),
    ).rejects.toThrow(/token: found/);
    await model.close();
    await runtime.close();
  },
);
