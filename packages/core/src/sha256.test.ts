import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 as native } from './node/sha256.js';
import { sha256 as portable } from './sha256.js';

test.each([
  ['of a browser', portable],
  ['of Node', native],
])('the SHA-256 %s does not depend on the pieces, and is that of node:crypto', (_, sha256) => {
  const piece = fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array(), fc.float32Array());
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const [own, again, expected] = [sha256(), sha256(), createHash('sha256')];
      for (const data of pieces) {
        own.update(data);
        again.update(data);
        expected.update(data);
      }
      const digest = expected.digest();
      expect(own.hex()).toBe(digest.toString('hex'));
      expect([...again.digest()]).toEqual([...digest]);
    }),
  );
});

test('an array counts as the bytes that it shows, not as its whole buffer', () => {
  const whole = Uint8Array.of(1, 2, 3, 4);
  expect(portable().update(whole.subarray(1, 3)).hex()).toBe(portable().update(Uint8Array.of(2, 3)).hex());
});
