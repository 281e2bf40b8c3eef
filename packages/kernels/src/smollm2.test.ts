import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NDArray, Tokenizer } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { compileTemplate, createVerbalizer } from '@ntk-lens/prompts';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeKernels } from './compute-kernels.js';
import { testRuntime } from './testing/test-runtime.js';

const folder = 'models/smollm2-135m';

/** The directory that the script of that folder makes; its weights are no part of the repository. */
const directory = process.env['NTK_LENS_SMOLLM2'] ?? '';

const hasWeights = (): boolean => {
  if (existsSync(join(directory, 'model.safetensors'))) return true;
  console.warn('Skipped: NTK_LENS_SMOLLM2 names no directory with the weights of SmolLM2-135M.');
  return false;
};

interface Golden {
  readonly label_words: readonly [string, string];
  readonly label_word_ids: readonly number[];
  readonly train: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly query: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly train_logits: readonly unknown[];
  readonly query_logits: readonly unknown[];
  readonly sgd: readonly unknown[];
  readonly signgd: readonly unknown[];
}

const numbers = (nested: readonly unknown[]): number[] => nested.flat(Infinity as 1) as number[];

/** The largest difference, as a share of the largest number. */
const distance = ({ data }: NDArray, expected: readonly unknown[]): number => {
  const flat = numbers(expected);
  expect(data.length).toBe(flat.length);
  const largest = Math.max(...flat.map(Math.abs));
  return Math.max(...flat.map((x, i) => Math.abs(data[i]! - x))) / largest;
};

// Float64 rows of autograd through transformers, of all 135 million parameters.
describe.skipIf(!hasShared(folder) || !hasWeights())('SmolLM2-135M', () => {
  let runtime: Runtime;
  let model: LanguageModel;
  let tokenizer: Tokenizer;
  let golden: Golden;
  beforeAll(async () => {
    golden = JSON.parse(readFileSync(sharedPath(`${folder}/golden.json`), 'utf8')) as Golden;
    runtime = await createRuntime({ runtime: testRuntime });
    [model, tokenizer] = [await loadModel(directory), await loadTokenizer(directory)];
  });
  afterAll(async () => {
    await model?.close();
    await runtime?.close();
  });

  const encode = ({ text }: { readonly text: string }) => {
    const template = 'Review:*+sent_0*\nSentiment:*mask*';
    const { labelWordIds } = createVerbalizer({ 0: 'negative', 1: 'positive' }, ['0', '1'], tokenizer);
    return compileTemplate(template, tokenizer, { labelWordIds, objective: 'causal' })([text]);
  };

  test('prompts and label words have the ids of transformers', () => {
    const { labelWordIds } = createVerbalizer({ 0: 'negative', 1: 'positive' }, ['0', '1'], tokenizer);
    expect(labelWordIds).toEqual(golden.label_word_ids);
    for (const example of [...golden.train, ...golden.query])
      expect(encode(example).inputIds).toEqual(example.ids);
  });

  test.each([
    ['sgd', 1e-4],
    ['signgd', 2e-2],
  ] as const)('the kernel %s is that of float64 within %s of its largest entry', async (formula, most) => {
    const found = await computeKernels({
      ...{ model, runtime, formula, labelWordIds: golden.label_word_ids },
      train: golden.train.map(encode),
      queries: { test: golden.query.map(encode) },
    });
    expect(distance(found.test!.kernel, golden[formula])).toBeLessThan(most);
    expect(distance(found.train.logits, golden.train_logits)).toBeLessThan(1e-4);
    expect(distance(found.test!.logits, golden.query_logits)).toBeLessThan(1e-4);
  });
});
