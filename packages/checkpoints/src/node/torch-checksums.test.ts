import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { torchStateFrom } from '../optimizer-states/torch-state.js';
import { bytesAt, storageEntries } from '../torch/testing/zip-entries.js';
import { torchValueFrom } from '../torch/torch-value.js';
import { torchWeightsFrom } from '../torch/torch-weights.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const readers = [
  ['tiny-bert-bin/pytorch_model.bin', (bytes: Uint8Array) => readAll(bytes)],
  ['torch/kernel.pt', (bytes: Uint8Array) => torchValueFrom(bytes)],
  ['../../models/fixtures/optimizer-states/roberta.pt', (bytes: Uint8Array) => readMoments(bytes)],
] as const;

const readAll = async (bytes: Uint8Array) => {
  const source = await torchWeightsFrom(bytes);
  for (const name of source.names) {
    await source.read(name);
    for await (const _ of source.bytes(name));
  }
};
const readMoments = async (bytes: Uint8Array) => {
  const state = await torchStateFrom(bytes);
  for (const moment of state.moments.values()) {
    await moment.step();
    await moment.read('x');
  }
};

test.each(readers)('a bit that flipped in any storage of %s is found by its checksum', async (file, read) => {
  const bytes = new Uint8Array(readFileSync(`${fixtures}/${file}`));
  await read(bytes);
  let found = 0;
  for (const entry of await storageEntries(bytes)) {
    const at = await bytesAt(bytes, entry);
    for (const position of [at, at + (entry.size >> 1), at + entry.size - 1]) {
      const damaged = bytes.slice();
      damaged[position]! ^= 1;
      const error = await read(damaged).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      // Of an optimizer's state the first moments are not read.
      if (!error) expect(file).toContain('optimizer-states');
      else expect(error.message).toMatch(/wrong checksum/);
      if (error) found++;
    }
  }
  expect(found).toBeGreaterThan(2);
});
