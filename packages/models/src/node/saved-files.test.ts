import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeEach, expect, it } from 'vitest';
import { loadModel } from './load-model.js';
import { saveModel } from './save-model.js';

const base = fileURLToPath(new URL('../../fixtures/architectures/bert', import.meta.url));

let saved: string;
beforeEach(async () => {
  saved = await temporaryDirectory();
  const model = await loadModel(base);
  await saveModel(saved, model, { baseDirectory: base });
  await model.close();
});

it('weights and tokenizer of a saved model are those that were written, or refused by name', async () => {
  for (const name of ['model.safetensors', 'tokenizer.json']) {
    const directory = join(await temporaryDirectory(), 'copy');
    await cp(saved, directory, { recursive: true });
    const bytes = await readFile(join(directory, name)).catch(() => undefined);
    if (bytes === undefined) continue;
    bytes[bytes.length - 2]! ^= 1;
    await writeFile(join(directory, name), bytes);
    await expect(loadModel(directory)).rejects.toMatchObject({
      code: 'DAMAGED_FILE',
      message: expect.stringContaining(join(directory, name)),
    });
  }
});

it('its config.json can be edited: that is another model', async () => {
  const model = await loadModel(saved);
  const before = await model.hash();
  await model.close();
  const file = join(saved, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, layer_norm_eps: 1e-3 }));
  const edited = await loadModel(saved);
  expect(await edited.hash()).not.toBe(before);
  await edited.close();
});

it('weights that no program of this project wrote are taken as they are', async () => {
  const directory = join(await temporaryDirectory(), 'copy');
  await cp(base, directory, { recursive: true });
  const file = join(directory, 'model.safetensors');
  const bytes = await readFile(file);
  // The last bit of many numbers.
  for (let at = bytes.length - 4; at > bytes.length / 2; at -= 400) bytes[at]! ^= 1;
  await writeFile(file, bytes);
  const [one, other] = [await loadModel(base), await loadModel(directory)];
  expect(await other.hash()).not.toBe(await one.hash());
  await Promise.all([one.close(), other.close()]);
});
