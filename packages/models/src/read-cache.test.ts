import { describe, expect, it } from 'vitest';
import type { LanguageModel } from './language-model.js';
import { loadModel } from './node/load-model.js';
import { withReadCache } from './read-cache.js';
import { architectureCase } from './testing/architecture-cases.js';

/** A model that counts how often its file is read. */
const counted = async () => {
  const model = await loadModel(architectureCase('bert').directory);
  const reads: string[] = [];
  const read: LanguageModel['read'] = (name) => {
    reads.push(model.storedName(name));
    return model.read(name);
  };
  return { model, reads, counting: { ...model, read } };
};

describe('withReadCache', () => {
  it('gives what the model gives, each time a copy of its own, and reads it once', async () => {
    const { model, reads, counting } = await counted();
    const cached = withReadCache(counting);
    for (const name of model.parameters.keys()) {
      const expected = await model.read(name);
      const [first, second] = await Promise.all([cached.read(name), cached.read(name)]);
      expect(first).toEqual(expected);
      first!.data.fill(7);
      expect(second).toEqual(expected);
      expect(await cached.read(name)).toEqual(expected);
    }
    expect(new Set(reads).size).toBe(reads.length);
    expect(await cached.hash()).toBe(await model.hash());
    await cached.close();
  });

  it('lets go of what was read longest ago where not all fits', async () => {
    const { model, reads, counting } = await counted();
    const [a, b, c] = [...model.parameters.keys()].filter((name) => name.endsWith('.LayerNorm.weight'));
    const { byteLength } = (await model.read(a!)).data;
    const cached = withReadCache(counting, 2 * byteLength);
    for (const name of [a, b, a, c, a, b]) await cached.read(name!);
    expect(reads).toEqual([a, b, c, b].map((name) => model.storedName(name!)));
    const none = withReadCache(counting, 0);
    reads.length = 0;
    for (const name of [a, a]) await none.read(name!);
    expect(reads).toHaveLength(2);
    await model.close();
  });

  it('does not keep a failure', async () => {
    const { model, counting } = await counted();
    let broken = true;
    const cached = withReadCache({
      ...counting,
      read: (name) => (broken ? Promise.reject(new Error('disk')) : model.read(name)),
    });
    const [name] = [...model.parameters.keys()];
    await expect(cached.read(name!)).rejects.toThrow('disk');
    broken = false;
    expect(await cached.read(name!)).toEqual(await model.read(name!));
    await cached.close();
  });
});
