import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isError } from './errors.js';
import { decodeText, TextEncodingError } from './text-encoding.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const wide = (text: string, little: boolean, mark: boolean) => {
  const bytes = new Uint8Array(2 * (text.length + Number(mark)));
  const view = new DataView(bytes.buffer);
  for (const [i, unit] of [...(mark ? '\ufeff' : ''), ...text].entries())
    view.setUint16(2 * i, unit.charCodeAt(0), little);
  return bytes;
};
const refusal = (bytes: Uint8Array): string => {
  try {
    decodeText(bytes, 'data/mails.csv');
  } catch (error) {
    if (isError(error, TextEncodingError)) return error.message;
    throw error;
  }
  throw new Error('It was read.');
};

it('any text in UTF-8 is read, and its byte-order mark is dropped', () => {
  const text = fc
    .string({ unit: 'binary' })
    .filter((own) => !/^\ufeff|\0|^PK|^\s*<|^PAR1|^version/.test(own) && !own.startsWith('\x1f'));
  fc.assert(
    fc.property(text, fc.boolean(), (own, mark) => {
      expect(decodeText(utf8((mark ? '\ufeff' : '') + own), 'f')).toBe(own);
    }),
    { numRuns: 40 },
  );
});

describe('another encoding is named, with the command that converts it', () => {
  it('UTF-16 without a mark in a script of its own', () => {
    const table = '本文,評価\nとても面白い映画でした,良い\n退屈な映画でした,悪い\n';
    expect(refusal(wide(table, true, false))).toContain('UTF-16LE');
    expect(refusal(wide(table, false, false))).toContain('UTF-16BE');
  });
  const table = 'text,label\nA fine film,positive\nA dull film,negative\n';
  it.each([
    [true, true, 'UTF-16LE'],
    [true, false, 'UTF-16LE'],
    [false, true, 'UTF-16BE'],
    [false, false, 'UTF-16BE'],
  ])('UTF-16, little endian %s, with a mark %s', (little, mark, name) => {
    expect(refusal(wide(table, little, mark))).toBe(
      `data/mails.csv: found ${name} text, expected UTF-8 text. Convert it by "iconv -f ${name} -t UTF-8 'mails.csv' > utf8.txt".`,
    );
  });
  it.each([
    [
      'Windows-1252',
      [...utf8('caf'), 0xe9, ...utf8(',pos\n')],
      'mails.csv:1: found bytes e9 2c 70 6f at offset 3',
      'WINDOWS-1252',
    ],
    // 映画が好き
    ['Shift-JIS', [0x89, 0x66, 0x89, 0xe6, 0x82, 0xaa, 0x8d, 0x44, 0x82, 0xab], 'at offset 0', 'SHIFT_JIS'],
    // 这部电影很好看
    [
      'GBK',
      [0xd5, 0xe2, 0xb2, 0xbf, 0xb5, 0xe7, 0xd3, 0xb0, 0xba, 0xdc, 0xba, 0xc3, 0xbf, 0xb4],
      'at offset',
      'GB18030',
    ],
    ['cut UTF-8', [...utf8('caf'), 0xc3], 'bytes c3 at offset 3', 'perhaps'],
  ])('%s', (_, bytes, where, name) => {
    const message = refusal(Uint8Array.from(bytes));
    expect(message).toContain(where);
    expect(message).toContain(name);
  });
});

it('what is no text is named', () => {
  const stray = (bytes: Uint8Array) => () => decodeText(bytes, 'x');
  expect(refusal(utf8('PK\x03\x04…'))).toMatch(/zip archive.*CSV/);
  expect(stray(utf8('\n<!DOCTYPE html><html>'))).toThrow(/a page of a website/);
  expect(stray(utf8('version https://git-lfs.github.com/spec/v1\n'))).toThrow(/git lfs pull/);
  expect(stray(Uint8Array.from([0x1f, 0x8b, 8]))).toThrow(/gunzip/);
  const message = '{"message":"Where is my order?","label":"ham"}';
  expect(decodeText(utf8(message), 'x')).toBe(message);
  expect(refusal(utf8(`${'text,label\n'.repeat(50)}null\0byte,x\n`))).toMatch(/zero byte at offset 554/);
});

it('the offset is that of the first byte that breaks', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'é', '映', '😀', '\n') }),
      fc.string(),
      (before, after) => {
        const start = utf8(`x${before}`);
        const bytes = Uint8Array.from([...start, 0xff, ...utf8(after.replaceAll('\0', ''))]);
        expect(refusal(bytes)).toContain(` at offset ${start.length} `);
      },
    ),
  );
});
