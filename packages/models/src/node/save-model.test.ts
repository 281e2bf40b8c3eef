import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nameRulesOf } from '../architectures/name-rules.js';
import { forwardLogits } from '../forward/forward-logits.js';
import type { LanguageModel } from '../language-model.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { loadModel } from './load-model.js';
import { saveModel } from './save-model.js';

/**
 * What tooling/reference/check_saved_models.py found when it loaded the saved directories with transformers:
 * SHA-256 of the files, and the largest difference of logits. Run this test with NTK_LENS_SAVED_MODELS=DIR to
 * leave the directories for it.
 */
const checked = JSON.parse(
  await readFile(new URL('../../fixtures/architectures/saved-models.json', import.meta.url), 'utf8').catch(
    () => '{}',
  ),
) as Readonly<Record<string, { readonly sha256: string; readonly largestDifference: number }>>;

let runtime: Runtime;
let directory: string;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  directory = process.env['NTK_LENS_SAVED_MODELS'] ?? (await mkdtemp(join(tmpdir(), 'ntk-lens-saved-')));
});
afterAll(async () => {
  await runtime.close();
  if (!process.env['NTK_LENS_SAVED_MODELS']) await rm(directory, { recursive: true });
});

/** The decoder times 1.25, the word embeddings as they are. */
const changeDecoder = async (model: LanguageModel) => {
  const name = nameRulesOf(model.config).decoderWeight;
  const { data, shape } = await model.read(name);
  return new Map([
    [
      name,
      ndarray<'float32'>(
        data.map((value) => value * 1.25),
        shape,
      ),
    ],
  ]);
};

test.each(sampled(architectureNames, 4))('%s is saved and loaded with the same logits', async (name) => {
  const fixture = architectureCase(name);
  const model = await loadModel(fixture.directory);
  const { examples, labelWordIds } = fixture;
  const before = await forwardLogits({ model, runtime, examples, labelWordIds });
  for (const kind of ['unchanged', 'decoder'] as const) {
    const saved = join(directory, `${name}.${kind}`);
    const changed = kind === 'decoder' ? await changeDecoder(model) : undefined;
    await saveModel(saved, model, { baseDirectory: fixture.directory, changed });
    const again = await loadModel(saved);
    expect([...again.parameters.values()]).toEqual([...model.parameters.values()]);
    const logits = await forwardLogits({ model: again, runtime, examples, labelWordIds });
    if (kind === 'unchanged') expect(logits).toEqual(before);
    else expect(logits).not.toEqual(before);
    await again.close();
    const hash = createHash('sha256');
    for (const file of ['config.json', 'model.safetensors']) hash.update(await readFile(join(saved, file)));
    if (process.env['NTK_LENS_SAVED_MODELS']) continue;
    // These very bytes gave transformers our logits.
    expect(checked[`${name}.${kind}`]?.sha256).toBe(hash.digest('hex'));
    expect(checked[`${name}.${kind}`]?.largestDifference).toBeLessThan(1e-5);
  }
  await model.close();
});

test('changes that do not fit are refused before anything is written', async () => {
  const { directory: baseDirectory } = architectureCase('bert');
  const model = await loadModel(baseDirectory);
  const save = (name: string, shape: number[]) =>
    saveModel(join(directory, 'refused'), model, {
      baseDirectory,
      changed: new Map([[name, ndarray<'float32'>(new Float32Array(shape[0]!), shape)]]),
    });
  await expect(save('bert.pooler.dense.bias', [24])).rejects.toThrow(/a parameter of the model/);
  await expect(save('cls.predictions.bias', [96])).rejects.toThrow(/shape \[96\], expected \[97\]|\[96\]/);
  await expect(loadModel(join(directory, 'refused'))).rejects.toThrow();
  await model.close();
});
