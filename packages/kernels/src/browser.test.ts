import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadModel } from '@ntk-lens/models';
import { hasChromium } from '@ntk-lens/testing/chromium';
import { expect, test } from 'vitest';
import { openPage } from '../../engine/src/testing/chromium.js';
import type { KernelInPage } from './testing/browser-page.js';
import { oracleCase } from './testing/oracle-cases.js';

test.runIf(hasChromium)('a page computes the kernel of the float64 oracle, of the same model', async () => {
  const oracle = oracleCase('bert');
  const page = await openPage(fileURLToPath(new URL('testing/browser-page.ts', import.meta.url)), {
    '/config.json': { type: 'application/json', body: readFileSync(`${oracle.directory}/config.json`) },
    '/model.safetensors': {
      type: 'application/octet-stream',
      body: readFileSync(`${oracle.directory}/model.safetensors`),
    },
  });
  try {
    const input = [oracle.examples, oracle.labelWordIds].map((value) => JSON.stringify(value));
    const found = await page.evaluate<KernelInPage>(`kernelInPage(${input.join(', ')})`, '--disable-gpu');
    const model = await loadModel(oracle.directory);
    expect(found.hash).toBe(await model.hash());
    await model.close();
    const expected = oracle.total('sgd', 'all');
    expect(found.shape).toEqual(expected.shape);
    const scale = Math.max(...expected.data.map(Math.abs));
    for (const [i, value] of expected.data.entries())
      expect(Math.abs(found.kernel[i]! - value)).toBeLessThan(1e-5 * scale);
  } finally {
    await page.close();
  }
});
