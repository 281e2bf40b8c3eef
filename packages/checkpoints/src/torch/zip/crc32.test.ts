import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.js';

test('the checksum is that of zlib', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => crc32(bytes) === reference(bytes)));
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      (pieces) => pieces.reduce((sum, piece) => crc32(piece, sum), 0) === reference(Buffer.concat(pieces)),
    ),
  );
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});
