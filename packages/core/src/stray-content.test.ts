import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from './npy/encode-npy.js';
import { type FileKind, refuseStrayContent, StrayContentError } from './stray-content.js';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 498818054\n`;
const html = (title: string) =>
  `\n<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>${title}</title></head>`;

/** Text or bytes, what they are told to be, and a word of what to do. */
const strays: readonly (readonly [string | Uint8Array, RegExp])[] = [
  [pointer, /Git LFS pointer.*git lfs pull/],
  [`\ufeff${pointer.replaceAll('\n', '\r\n')}`, /Git LFS pointer/],
  ['# xet version 0\nfilesize = 3', /Git Xet.*git lfs pull/],
  ['/annex/objects/SHA256E-s498818054--abc', /git annex get/],
  [`../../blobs/${'0f'.repeat(32)}`, /text of a link/],
  [html('Sign in – Hub'), /a page of a website \("Sign in.*\/resolve\//],
  ['<html>', /a page of a website, /],
  [
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    /storage server \("AccessDenied"\)/,
  ],
  ['<Error><Code>NoSuchKey</Code>', /NoSuchKey/],
  ['{"error":"Repository not found"}', /an answer with an error \("Repository not found"\).*token/],
  [gzipSync('weights'), /packed by gzip.*gunzip/],
  [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4), /zstd/],
  [Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0), /xz/],
];

describe.each(['binary', 'json', 'text'] as const)('where a %s file belongs', (kind) => {
  it.each(strays)('%s is told, as bytes and as text', (content, message) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    for (const form of [bytes, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)]) {
      expect(() => refuseStrayContent('x', form, kind)).toThrow(StrayContentError);
      expect(() => refuseStrayContent('x', form, kind)).toThrow(message);
    }
  });
});

it.each<readonly [string, FileKind]>([
  ['<!-- saved from url -->\n<html lang="en">', 'binary'],
  ['<title>Log in', 'json'],
  ['{"statusCode":404,"message":"Not Found"}', 'binary'],
  ['{"errors":[{"code":1}]}', 'json'],
  ['', 'binary'],
  [' \n', 'json'],
  ['Entry not found', 'binary'],
  ['Invalid username or password.', 'json'],
  ['502 Bad Gateway', 'json'],
  ['{"a": 1}', 'binary'],
  ['[]', 'binary'],
  ['PK\x03\x04', 'json'],
])('%j is no %s file', (content, kind) =>
  expect(() => refuseStrayContent('x', content, kind)).toThrow(StrayContentError),
);

it.each<readonly [string | Uint8Array, FileKind]>([
  ['{"error": 17, "message": 3}', 'json'],
  ['{"version": "1.0", "model": {}}', 'json'],
  ['{"model_type": "bert"}', 'json'],
  ['#version: 0.2\nĠ t', 'text'],
  ['[PAD]\n[UNK]', 'text'],
  ['404 not a code\n', 'text'],
  ['', 'text'],
  ['{"error": "He go home.", "label": 1}\n{"error": "I is.", "label": 1}\n', 'text'],
  ['{"message": "Thank you", "label": "polite"}\n', 'text'],
  ['<b>Great</b>,1\n', 'text'],
  ['sentence\tlabel\n<br> fine\t1', 'text'],
  ['PK\x03\x04', 'binary'],
  [Uint8Array.of(0x80, 2, 0x8a), 'binary'],
  [encodeNpy({ dtype: 'int8', shape: [1], data: Int8Array.of(1) }), 'binary'],
])('%j is left to the reader of a %s file', (content, kind) =>
  expect(() => refuseStrayContent('x', content, kind)).not.toThrow(),
);

it('whatever comes is told or left within a moment', () => {
  const piece = fc.constantFrom('<!--', '<', '{"', '../', '"error":"', '\\', ' ', '-->', '<title', 'a', '\n');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 400 }), (pieces) => {
      try {
        refuseStrayContent('x', pieces.join(''), 'json');
      } catch (error) {
        expect(error).toBeInstanceOf(StrayContentError);
      }
    }),
    { numRuns: 300 },
  );
});
