import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mt19937, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel, saveModel } from '@ntk-lens/models';
import { largestDifference } from '@ntk-lens/testing/compare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSpace } from '../node/parse-space.js';
import { readAdapter } from '../node/peft/read-adapter.js';
import { writeAdapter } from '../node/peft/write-adapter.js';
import type { SpaceModel } from '../space.js';
import { adapterCase, tinyModel } from '../testing/adapter-cases.js';
import { NoAdapterFormatError } from './errors.js';
import { mergeLora, unmergeLora } from './merge-lora.js';

/**
 * What tooling/reference/check_adapters.py found when PEFT loaded the adapters: SHA-256 of the files, and PEFT's
 * logits. Run this test with NTK_LENS_ADAPTERS=DIR to leave the directories for it.
 */
const checked = JSON.parse(
  await readFile(new URL('../../fixtures/written-adapters.json', import.meta.url), 'utf8').catch(() => '{}'),
) as Readonly<Record<string, { readonly sha256: string; readonly logits: readonly number[] }>>;

/** Model and space; PEFT has no prefixes of encoders. */
const written: readonly (readonly [model: string, spec: string])[] = [
  ['roberta', 'lora:r=4,alpha=8'],
  ['roberta', 'lora:r=2,alpha=3,rslora=true,targets=*.layer.1.*+lm_head.dense'],
  ['bert', 'lora:r=3,targets=query+key+attention.output'],
  ['gpt2', 'lora:r=3'],
  ['gpt2', 'lora:r=3,targets=mlp.c_proj+query'],
  ['albert', 'lora:r=2,targets=value+output'],
  ['roberta', 'ia3'],
  ['gpt2', 'ia3'],
  ['distilbert', 'ia3:targets=k_lin+lin2,feedforward=lin2'],
  ['roberta', 'prompt:3'],
  ['bert', 'prompt:2'],
  ['gpt2', 'prompt:4'],
  ['gpt2', 'prefix:3'],
  ['gpt2', 'prefix:3,mlp=5'],
];

let runtime: Runtime;
let directory: string;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  directory = process.env['NTK_LENS_ADAPTERS'] ?? (await mkdtemp(join(tmpdir(), 'ntk-lens-adapters-')));
});
afterAll(async () => {
  await runtime.close();
  if (!process.env['NTK_LENS_ADAPTERS']) await rm(directory, { recursive: true });
});

/** The space at a point where nothing is zero. */
const somewhere = async (start: SpaceModel): Promise<SpaceModel> => {
  const random = new Mt19937(4);
  const point = new Map(
    await Promise.all(
      [...start.trainable.keys()].map(async (name) => {
        const { data, shape } = await start.read(name);
        return [
          name,
          ndarray<'float32'>(
            data.map((x) => x + 0.2 * random.standardNormal()),
            shape,
          ),
        ] as const;
      }),
    ),
  );
  return start.at(point);
};

const casesOf = (model: string) => {
  const { examples, labelWordIds } = adapterCase(model === 'gpt2' ? 'gpt2-lora' : 'roberta-lora');
  return { examples, labelWordIds };
};

test.each(written)(
  '%s, %s: what is written is read again, and PEFT computes the same',
  async (name, spec) => {
    const model = await loadModel(tinyModel(name));
    const { examples, labelWordIds } = casesOf(name);
    const tuned = await somewhere(await parseSpace(spec).apply(model, { seed: 5 }));
    const key = `${name}.${spec.replaceAll(/[^a-z0-9]+/gi, '-')}`;
    const target = join(directory, key);
    await writeAdapter(target, tuned, { baseModel: name });
    const logits = await forwardLogits({ model: tuned, runtime, examples, labelWordIds });
    const again = await readAdapter(target, model);
    const logitsAgain = await forwardLogits({ model: again, runtime, examples, labelWordIds });
    expect(largestDifference(logitsAgain, logits)).toBeLessThan(1e-5);
    const plain = await forwardLogits({ model, runtime, examples, labelWordIds });
    expect(largestDifference(plain, logits)).toBeGreaterThan(1e-2);
    await model.close();
    if (process.env['NTK_LENS_ADAPTERS']) {
      await writeFile(join(target, 'case.json'), JSON.stringify({ model: name, examples, labelWordIds }));
      return;
    }
    const hash = createHash('sha256');
    for (const file of ['adapter_config.json', 'adapter_model.safetensors'])
      hash.update(await readFile(join(target, file)));
    // These very bytes gave PEFT our logits.
    expect(checked[key]?.sha256).toBe(hash.digest('hex'));
    expect(
      largestDifference(logits, ndarray(Float64Array.from(checked[key]!.logits), logits.shape)),
    ).toBeLessThan(1e-5);
  },
);

test.each(['roberta', 'gpt2', 'albert'])(
  '%s: merged LoRA weights give the same logits, and unmerged ones the old weights',
  async (name) => {
    const model = await loadModel(tinyModel(name));
    const { examples, labelWordIds } = casesOf(name);
    const targets = name === 'gpt2' ? 'value+c_fc' : 'query+output';
    const tuned = await somewhere(await parseSpace(`lora:r=3,targets=${targets}`).apply(model));
    const logits = await forwardLogits({ model: tuned, runtime, examples, labelWordIds });
    const merged = await mergeLora(tuned);
    const saved = join(directory, `${name}.merged`);
    await mkdir(saved, { recursive: true });
    await saveModel(saved, model, { baseDirectory: tinyModel(name), changed: merged });
    const whole = await loadModel(saved);
    expect(
      largestDifference(await forwardLogits({ model: whole, runtime, examples, labelWordIds }), logits),
    ).toBeLessThan(2e-5);
    await whole.close();
    for (const [weight, array] of await unmergeLora(merged, tuned))
      expect(largestDifference(array, await model.read(weight))).toBeLessThan(1e-5);
    await expect(mergeLora(await parseSpace('ia3').apply(model))).rejects.toThrow(/a LoRA space/);
    await model.close();
  },
);

test('a space that PEFT does not have is refused', async () => {
  const model = await loadModel(tinyModel('roberta'));
  for (const spec of ['bitfit', 'intrinsic:10', 'lora:also=*head*'])
    await expect(writeAdapter(directory, await parseSpace(spec).apply(model))).rejects.toThrow(
      NoAdapterFormatError,
    );
  await model.close();
});
