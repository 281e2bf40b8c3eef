import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarOf } from '@ntk-lens/testing/tar-of';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { ArchiveError } from './errors.js';
import { unpack } from './unpack.js';

const dir = mkdtempSync(join(tmpdir(), 'ntk-lens-unpack-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (bytes: Uint8Array): string => {
  const path = join(dir, 'archive');
  writeFileSync(path, bytes);
  return path;
};

const content = {
  'T/train.tsv': 'sentence\tlabel\na\t1\n'.repeat(500),
  'T/dev.tsv': 'é',
  'T/other.txt': 'no',
};
const packs = {
  zip: () =>
    Promise.resolve(zipSync(Object.fromEntries(Object.entries(content).map(([k, v]) => [k, strToU8(v)])))),
  tar: () => tarOf(content),
};

describe.each(['zip', 'tar'] as const)('%s', (pack) => {
  it('gives the members that are asked for', async () => {
    const path = file(await packs[pack]());
    const found = await unpack(path, pack, ['T/dev.tsv', 'T/train.tsv']);
    expect([...found.keys()].sort()).toEqual(['T/dev.tsv', 'T/train.tsv']);
    for (const [name, bytes] of found) expect(bytes.toString()).toBe(content[name as keyof typeof content]);
  });
  it('names a member that is missing', async () => {
    const path = file(await packs[pack]());
    await expect(unpack(path, pack, ['T/test.tsv'])).rejects.toThrow(/found no T\/test\.tsv/);
  });
  it('what is no archive, or a piece of one, is a typed error', async () => {
    const whole = await packs[pack]();
    for (const bytes of [new Uint8Array(), strToU8('<html>not found</html>'), whole.subarray(0, 300)]) {
      await expect(unpack(file(bytes), pack, ['T/train.tsv'])).rejects.toThrow(ArchiveError);
    }
  });
  it('mutated bytes give the members or a typed error, never more', async () => {
    const whole = await packs[pack]();
    await fc.assert(
      fc.asyncProperty(fc.nat(Math.min(whole.length - 1, 2000)), fc.nat(255), async (at, value) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = value;
        try {
          const found = await unpack(file(bytes), pack, ['T/train.tsv']);
          // A zip file has checksums of its members, a tar file has none.
          if (pack === 'zip') expect(found.get('T/train.tsv')!.toString()).toBe(content['T/train.tsv']);
        } catch (error) {
          if (!(error instanceof ArchiveError)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  });
});

it('a member of a zip file whose bytes are not those of its checksum is refused', async () => {
  const whole = zipSync({ 'T/train.tsv': [strToU8(content['T/train.tsv']), { level: 0 }] });
  const at = Buffer.from(whole).indexOf('sentence');
  whole[at]! ^= 1;
  await expect(unpack(file(whole), 'zip', ['T/train.tsv'])).rejects.toThrow(
    /train\.tsv with a wrong checksum/,
  );
});
