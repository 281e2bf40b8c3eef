import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import { afterAll, afterEach, expect } from 'vitest';

/** A runtime and a tiny model for the tests of one file. Whether a test passes or fails, nothing stays in the runtime. */
export const openForTests = async (
  directory: string,
): Promise<{ readonly runtime: Runtime; readonly model: LanguageModel }> => {
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const model = await loadModel(directory);
  afterEach(() => {
    expect(runtime.residentBytes).toBe(0);
  });
  afterAll(async () => {
    await runtime.close();
    await model.close();
  });
  return { runtime, model };
};
