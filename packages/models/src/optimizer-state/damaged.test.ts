import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSecondMoment } from '../node/read-second-moment.js';
import { fileOf, modelOf, stateCase, stateRoot } from './testing/states.js';

/** Where the description of a file is: edits there do more than edits of numbers. */
interface Seed {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

const seedOf = (file: string): Seed => {
  const bytes = readFileSync(join(stateRoot, file));
  if (file.endsWith('.safetensors')) return { bytes, from: 0, to: 8 + Number(bytes.readBigUInt64LE(0)) };
  const at = bytes.indexOf('param_groups');
  return { bytes, from: 0, to: at < 0 ? bytes.length : at + 600 };
};

/** A file changed in a few bytes, in its description or anywhere, and sometimes cut. */
const damage = (seed: Seed) =>
  fc
    .tuple(
      fc.array(
        fc.tuple(fc.boolean(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)),
        {
          minLength: 1,
          maxLength: 5,
        },
      ),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
    )
    .map(([edits, cut]) => {
      const bytes = Uint8Array.from(seed.bytes);
      for (const [inside, where, value] of edits) {
        const [from, to] = inside ? [seed.from, seed.to] : [0, bytes.length];
        bytes[Math.floor(from + where * (to - from))] = value;
      }
      return cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length));
    });

describe('a damaged optimizer state', () => {
  // A checksum of the zip format catches most changes of a pickle; the legacy format has none.
  it.each([
    ['roberta.pt', 150],
    ['bert-pretraining.pt', 400],
    ['gpt2-one-group.pt', 400],
    ['gpt2-numbers.safetensors', 300],
    ['roberta-tensors.safetensors', 300],
  ])('%s gives nothing but possible numbers or a typed error', async (name, numRuns) => {
    const stored = stateCase(name.split('.')[0]!);
    const model = modelOf(stored.config);
    const file = await fileOf('', name.split('.').pop()!);
    const outcomes = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(damage(seedOf(name)), async (bytes) => {
        await writeFile(file, bytes);
        try {
          const moment = await readSecondMoment(file, model);
          try {
            expect(Number.isSafeInteger(moment.step) && moment.step >= 1).toBe(true);
            expect(moment.beta2 >= 0 && moment.beta2 < 1).toBe(true);
            for (const [parameter, shape] of model.parameters) {
              if (!moment.has(parameter)) continue;
              const v = await moment.read(parameter);
              expect(v.shape).toEqual(shape);
              expect(v.data.every((value) => value >= 0 && value < Infinity)).toBe(true);
            }
            outcomes.read++;
          } finally {
            await moment.close();
          }
        } catch (error) {
          if (!isNtkLensError(error)) throw error;
          outcomes.refused++;
        }
      }),
      { numRuns },
    );
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});
