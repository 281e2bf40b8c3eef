import { expect, test } from 'vitest';
import { createRuntime } from '../node/create-runtime.js';
import { rateNames } from './machine-profile.js';
import { measureRates } from './measure-rates.js';

const small = { examples: 4, tokens: 8, rows: 16, width: 32, batch: 16, wide: 64, pages: 2 ** 20 };

test('every rate is measured, and nothing stays in the runtime', async () => {
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const rates = await measureRates(runtime, undefined, small);
  expect(Object.keys(rates).sort()).toEqual([...rateNames].sort());
  for (const name of rateNames) expect(Number.isFinite(rates[name]) && rates[name] > 0, name).toBe(true);
  expect(runtime.residentBytes).toBe(0);
  await expect(measureRates(runtime, AbortSignal.abort(), small)).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});
