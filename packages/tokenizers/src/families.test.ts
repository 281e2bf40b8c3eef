import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from './node/load-tokenizer.js';
import { fixtureJson } from './testing/fixtures.js';

interface Golden {
  readonly texts: readonly string[];
  readonly families: readonly {
    readonly name: string;
    readonly tokenizer: unknown;
    /** Check sums of ids with offsets, and of the decoded text. */
    readonly sums: readonly (readonly [number, number])[];
  }[];
}

const { texts, families } = fixtureJson<Golden>('families.golden.json');
const sum = (value: unknown): number => crc32(JSON.stringify(value));

test.each(families)(
  'a tokenizer built as $name gives the ids, offsets and text of Hugging Face',
  async (family) => {
    const tokenizer = await loadTokenizer({ 'tokenizer.json': JSON.stringify(family.tokenizer) });
    const wrong: string[] = [];
    for (const [i, text] of texts.entries()) {
      const { ids, offsets } = tokenizer.encodeWithOffsets(text);
      const [encoded, decoded] = family.sums[i]!;
      if (sum([ids, offsets]) !== encoded) wrong.push(`ids of ${JSON.stringify(text)}`);
      else if (sum(tokenizer.decode(ids)) !== decoded) wrong.push(`text of ${JSON.stringify(text)}`);
    }
    expect(wrong).toEqual([]);
  },
);

const real =
  fixtureJson<Record<string, { readonly sha256: string; readonly sums: readonly number[] }>>(
    'real-families.golden.json',
  );
/** A folder with `<name>/tokenizer.json` for some of the names; the files are too large for the repository. */
const folder = process.env['NTK_LENS_TOKENIZERS'] ?? '';

describe('real tokenizers (set NTK_LENS_TOKENIZERS to the folder that has them)', () => {
  for (const [name, golden] of Object.entries(real)) {
    const file = join(folder, name, 'tokenizer.json');
    test.skipIf(folder === '' || !existsSync(file))(
      `${name} gives what Hugging Face gives`,
      async () => {
        const content = readFileSync(file);
        expect(createHash('sha256').update(content).digest('hex')).toBe(golden.sha256);
        const tokenizer = await loadTokenizer({ 'tokenizer.json': content });
        const wrong = texts.filter((text, i) => {
          const { ids, offsets } = tokenizer.encodeWithOffsets(text);
          return sum([sum([ids, offsets]), sum(tokenizer.decode(ids))]) !== golden.sums[i];
        });
        expect(wrong).toEqual([]);
      },
      60_000,
    );
  }
});
