import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { describe, expect, it } from 'vitest';
import { openSafetensors, openTorchWeights } from './open-files.js';

const golden = sharedPath('golden/models/tiny-roberta');

describe.skipIf(!hasShared('golden/models/tiny-roberta'))('the golden tiny RoBERTa (needs ../shared)', () => {
  it('has the same weights in model.safetensors and pytorch_model.bin', async () => {
    const safe = await openSafetensors(`${golden}/model.safetensors`);
    const bin = await openTorchWeights(`${golden}/pytorch_model.bin`);
    expect(safe.names.length).toBeGreaterThan(50);
    for (const name of safe.names) {
      const [a, b] = [await safe.read(name), await bin.read(name)];
      expect(b.shape).toEqual(a.shape);
      expect(Buffer.compare(Buffer.from(a.data.buffer), Buffer.from(b.data.buffer))).toBe(0);
    }
    await safe.close();
    await bin.close();
  });
});
