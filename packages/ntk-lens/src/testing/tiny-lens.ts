import { join } from 'node:path';
import { type Lens, openLens } from '@ntk-lens/lens';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterAll, beforeAll } from 'vitest';

/** A session of the tiny model for the tests of a file. */
export const tinyLens = (): (() => Lens) => {
  let lens: Lens;
  beforeAll(async () => {
    const model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
    lens = await openLens({ model, runtime: 'ort-cpu', threads: 1 });
  });
  afterAll(() => lens.close());
  return () => lens;
};
