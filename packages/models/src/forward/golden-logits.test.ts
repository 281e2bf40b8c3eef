import { readFileSync } from 'node:fs';
import { decodeNpy } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { compileTemplate, createVerbalizer } from '@ntk-lens/prompts';
import { loadKShot } from '@ntk-lens/tasks';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { architectureOf } from '../architectures/registry.js';
import { loadModel } from '../node/load-model.js';
import { relativeDifference } from '../testing/architecture-cases.js';
import { forwardLogits } from './forward-logits.js';

const cases = [
  ['tiny-roberta', 'SST-2'],
  ['tiny-roberta', 'MRPC'],
  ['tiny-roberta', 'MNLI'],
  ['minilm-mlm', 'SST-2'],
] as const;

// Needs the golden numbers of the folder beside the repository; skipped without them.
describe.skipIf(!hasShared('golden/kernels'))("f(ξ; θ₀) equals the authors' program", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  });
  afterAll(() => runtime.close());

  it.each(cases)('for %s on %s', async (name, taskName) => {
    const directory = name === 'minilm-mlm' ? modelDirectory : sharedPath(`golden/models/${name}`);
    const model = await loadModel(directory);
    const tokenizer = await loadTokenizer(directory);
    const { task, ...splits } = await loadKShot({
      task: taskName,
      dataDir: sharedPath(`golden/data/${taskName}`),
    });
    const { labelWordIds } = createVerbalizer(task.labelWords, task.labels, tokenizer);
    const { maxLength, firstSentenceLimit, otherSentenceLimit } = task;
    const encode = compileTemplate(task.template, tokenizer, {
      labelWordIds,
      maxLength,
      objective: architectureOf(model.config).objective,
      ...(firstSentenceLimit && { firstSentenceLimit }),
      ...(otherSentenceLimit && { otherSentenceLimit }),
    });
    for (const split of ['train', 'dev', 'test'] as const) {
      const examples = splits[split].map(({ texts }) => encode(texts));
      const logits = await forwardLogits({ model, runtime, examples, labelWordIds });
      const file = sharedPath(`golden/kernels/${name}/${taskName}-sgd/${split}_logits.npy`);
      expect(relativeDifference(logits, decodeNpy(readFileSync(file)))).toBeLessThan(1e-5);
    }
    await model.close();
  });
});
