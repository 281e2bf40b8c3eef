import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { temporaryDirectory } from './temporary-directory.js';
import { tinyModel } from './tiny-model.js';

interface Closed {
  close(): Promise<void>;
}

/**
 * A session of the tiny model for the tests of a file.
 *
 * @param open `openLens`, which stands above this package
 */
export const tinyLens = <T extends Closed>(
  open: (options: { model: string; runtime: string; threads: number }) => Promise<T>,
): (() => T) => {
  let lens: T;
  beforeAll(async () => {
    const model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
    lens = await open({ model, runtime: 'ort-cpu', threads: 1 });
  });
  afterAll(() => lens.close());
  return () => lens;
};
