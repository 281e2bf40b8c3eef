import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel } from '@ntk-lens/models';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vocabulary } from '../../language/lexicon.js';
import { defaultScheme } from '../../pretrain/scheme.js';
import { pretrainLadder } from './pretrain-ladder.js';

/**
 * What tooling/reference/check_pretrained_rung.py found when it loaded the model that this test trains with transformers. Run
 * this test with NTK_LENS_SAVED_RUNG=DIR to leave the model for it.
 */
const { cases } = JSON.parse(
  await readFile(new URL('../../../fixtures/pretrained-rung.json', import.meta.url), 'utf8').catch(
    () => '{"cases":[]}',
  ),
) as {
  readonly cases: readonly {
    readonly text: string;
    readonly inputIds: readonly number[];
    readonly position: number;
    readonly logits: readonly number[];
  }[];
};

let runtime: Runtime;
let directory: string;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  directory = process.env['NTK_LENS_SAVED_RUNG'] ?? (await mkdtemp(join(tmpdir(), 'ntk-lens-rung-')));
});
afterAll(async () => {
  await runtime.close();
  if (!process.env['NTK_LENS_SAVED_RUNG']) await rm(directory, { recursive: true });
});

it('transformers reads a trained model of a ladder, μP at twice its base width, as we do: tokens and logits', async () => {
  const scheme = { ...defaultScheme, steps: 5, batchSize: 4, baseWidth: 8 };
  await pretrainLadder({ runtime, scheme, widths: [16], seeds: [3], directory });
  if (process.env['NTK_LENS_SAVED_RUNG']) return;
  expect(cases.length).toBeGreaterThan(1);
  const rung = join(directory, 'width-16-seed-3');
  const [model, tokenizer] = [await loadModel(rung), await loadTokenizer(rung)];
  for (const { text, inputIds } of cases) expect(tokenizer.encode(text), text).toEqual(inputIds.slice(1, -1));
  const logits = await forwardLogits({
    ...{ runtime, model, examples: cases },
    labelWordIds: vocabulary.map((_, id) => id),
  });
  // Other processors round other steps of training.
  const expected = cases.flatMap((known) => known.logits);
  expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(1);
  for (const [i, value] of expected.entries()) expect(Math.abs(logits.data[i]! - value)).toBeLessThan(1e-4);
  await model.close();
});
