import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { loadModel } from '@ntk-lens/models';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSpace } from '../parse-space.js';
import { fineTune } from './fine-tune.js';

const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
const base = await loadModel(
  fileURLToPath(new URL('../../../../models/fixtures/architectures/bert', import.meta.url)),
);
const space = await parseSpace('lora:r=2').apply(base, { seed: 1 });
afterAll(async () => {
  await runtime.close();
  await base.close();
});

const examples: EncodedExample[] = Array.from({ length: 4 }, (_, i) => ({
  inputIds: [2, 20 + i, 30 + (i % 3), 4, 50, 3],
  position: 3,
}));
const set = { examples, labels: examples.map((_, i) => i % 2) };
const train = (directory: string, signal?: AbortSignal) =>
  fineTune({
    ...{ runtime, model: space, labelWordIds: [41, 17], train: set, dev: set, directory, signal },
    ...{ optimizer: { name: 'adam' }, learningRate: 1e-2, steps: 4, evaluateEvery: 2, trajectory: [0, 2] },
    onProgress: ({ phase, done }) => {
      if (stopping && phase === 'fine-tune' && done === 3) stopping.abort();
    },
  });
let stopping: AbortController | undefined;

const finished = await temporaryDirectory();
await train(finished);
const half = await temporaryDirectory();
stopping = new AbortController();
await train(half, stopping.signal).catch(() => {});
stopping = undefined;

describe.each([
  ['finished', finished],
  ['interrupted', half],
])('the files of a training that was %s', (_, left) => {
  it('stay alone: what a kill left beside them is removed', async () => {
    const directory = join(await temporaryDirectory(), 'copy');
    await cp(left, directory, { recursive: true });
    await writeFile(join(directory, 'state-000001.safetensors'), 'left by a kill');
    await train(directory);
    expect(await readdir(directory)).not.toContain('state-000001.safetensors');
  });

  it('are refused by name after one bit of any of them flipped, and after two were exchanged', async () => {
    const files = (await readdir(left, { recursive: true })).filter((name) => name.endsWith('.safetensors'));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const directory = join(await temporaryDirectory(), 'copy');
      await cp(left, directory, { recursive: true });
      const bytes = await readFile(join(directory, file));
      bytes[bytes.length - 3]! ^= 1;
      await writeFile(join(directory, file), bytes);
      await expect(train(directory)).rejects.toMatchObject({
        code: 'DAMAGED_CHECKPOINT',
        message: expect.stringContaining(file),
      });
      const own = await readFile(join(left, file));
      for (const other of files) {
        const exchanged = await readFile(join(left, other));
        if (!exchanged.equals(own)) await writeFile(join(directory, file), exchanged);
      }
      await expect(train(directory)).rejects.toMatchObject({ code: 'DAMAGED_CHECKPOINT' });
    }
  });
  it.each([
    [
      'a score',
      (text: string) => text.replace(/("score": 0?\.?)(\d)/, (_, name, d) => name + ((+d + 1) % 10)),
    ],
    ['a loss', (text: string) => text.replace(/("loss": \d+\.)(\d)/, (_, name, d) => name + ((+d + 1) % 10))],
    ['the case of a key', (text: string) => text.replace('"withoutGain"', '"withoutgain"')],
    ['the end', (text: string) => text.slice(0, -20)],
    ['everything', () => ''],
  ])('and so is a record in which %s changed', async (_, change) => {
    const directory = join(await temporaryDirectory(), 'copy');
    await cp(left, directory, { recursive: true });
    const file = join(directory, 'checkpoint.json');
    const text = await readFile(file, 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(file, change(text));
    await expect(train(directory)).rejects.toMatchObject({
      code: 'DAMAGED_CHECKPOINT',
      message: expect.stringContaining('checkpoint.json'),
    });
  });
});
