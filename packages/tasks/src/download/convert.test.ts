import { readFileSync } from 'node:fs';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { describe, expect, it } from 'vitest';
import { DataFormatError } from '../errors.js';
import { convertCr, convertMrpc } from './convert.js';

it('MRPC pairs on the list go to dev, the others to train, the header to both', () => {
  const header = '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String';
  const files = convertMrpc(
    new Map([
      ['all.tsv', `${header}\r\n1\t7\t8\ta "b\tc\r\n0\t8\t7\td\te\r\n`],
      ['dev_ids.tsv', '8\t7\n'],
    ]),
  );
  expect(files.get('train.tsv')).toBe(`${header}\n1\t7\t8\ta "b\tc\n`);
  expect(files.get('dev.tsv')).toBe(`${header}\n0\t8\t7\td\te\n`);
  expect(() =>
    convertMrpc(
      new Map([
        ['all.tsv', 'h\nx\ty\n'],
        ['dev_ids.tsv', ''],
      ]),
    ),
  ).toThrow(DataFormatError);
  expect(() => convertMrpc(new Map())).toThrow(DataFormatError);
});

describe.skipIf(!hasShared('data/original/MRPC'))('conversions of the real data', () => {
  const read = (path: string): string => readFileSync(sharedPath(`data/original/${path}`), 'utf8');
  it("CR: LM-BFF's files become LM-Kernel-FT's, to the byte", () => {
    const files = convertCr(
      new Map(['train.csv', 'test.csv'].map((name) => [name, read(`cr-lmbff/${name}`)])),
    );
    expect(files.get('test.csv')).toBe(read('cr/test.csv'));
    expect(files.get('train.csv')).toBe(read('cr/train.csv'));
  });
  it('MRPC: the joined file has the published size and splits into the GLUE files', () => {
    const train = read('MRPC/train.tsv');
    const dev = read('MRPC/dev.tsv');
    const lines = dev.split('\n').slice(1, -1);
    const all = train + lines.map((line) => `${line}\n`).join('');
    expect(Buffer.byteLength(all)).toBe(1047044);
    const ids = lines.map((line) => line.split('\t').slice(1, 3).join('\t')).join('\n');
    const files = convertMrpc(
      new Map([
        ['all.tsv', all],
        ['dev_ids.tsv', ids],
      ]),
    );
    expect(files.get('train.tsv')).toBe(train);
    expect(files.get('dev.tsv')).toBe(dev);
  });
});
