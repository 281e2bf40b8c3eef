import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { DataFormatError, MissingColumnError, UnknownLabelError } from '../errors.js';
import { ownFormat } from './own-format.js';
import { parseExamples } from './parse-examples.js';

const read = (
  file: string,
  text: string,
  options: Parameters<typeof ownFormat>[1] & Parameters<typeof parseExamples>[3] = {},
) => parseExamples(text, ownFormat(file, options), file, options);

it('one set of examples has one meaning in CSV, TSV and JSON lines', () => {
  const wanted = [
    { texts: ['He said "no", twice', 'he refused'], label: 'yes' },
    { texts: ['It rained', 'it was dry'], label: 'no' },
  ];
  const options = { textColumns: ['a', 'b'], labelColumn: 'y' };
  expect(
    read('x.csv', 'y,a,b\nyes,"He said ""no"", twice",he refused\nno,It rained,it was dry\n', options),
  ).toEqual(wanted);
  expect(
    read('x.TSV', 'a\tb\ty\nHe said "no", twice\the refused\tyes\nIt rained\tit was dry\tno', options),
  ).toEqual(wanted);
  const json = wanted.map(({ texts: [a, b], label: y }) => JSON.stringify({ y, a, b })).join('\r\n');
  expect(read('x.jsonl', json, options)).toEqual(wanted);
  const columns = { header: false, textColumns: [0, 1], labelColumn: 2, delimiter: ';' };
  expect(read('x.csv', 'He said "no";x;y\n'.replace('"no"', 'no'), columns)).toEqual([
    { texts: ['He said no', 'x'], label: 'y' },
  ]);
});

it('numbers and booleans of JSON become text, null and objects do not', () => {
  expect(read('x.jsonl', '{"text":"a","label":3}\n{"text":7,"label":true}')).toEqual([
    { texts: ['a'], label: '3' },
    { texts: ['7'], label: 'true' },
  ]);
  expect(() => read('x.jsonl', '{"text":null,"label":1}')).toThrow(
    /x\.jsonl:1: found null in "text", expected a string/,
  );
  expect(() => read('x.jsonl', '{"text":"a","label":{}}')).toThrow(DataFormatError);
  const deep = `{"text":${'['.repeat(1e5)}${']'.repeat(1e5)},"label":1}`;
  expect(() => read('x.jsonl', deep)).toThrow(DataFormatError);
});

it('the delimiter of a CSV file is found, and can be chosen', () => {
  const wanted = [
    { texts: ['A gentle, funny film'], label: 'good' },
    { texts: ['Cold | flat; dull'], label: 'bad' },
  ];
  const quote = (cell: string) => `"${cell}"`;
  for (const delimiter of [',', ';', '\t', '|', '^']) {
    for (const end of ['\n', '\r\n', '\r']) {
      const rows = wanted.map(({ texts: [text], label }) => [quote(text!), label]);
      const file = [['text', 'label'], ...rows].map((cells) => cells.join(delimiter)).join(end);
      const known = delimiter !== '^';
      expect(read('x.csv', `\ufeff${file}${end}`, known ? {} : { delimiter })).toEqual(wanted);
      expect(read('x.csv', `sep=${delimiter}${end}${file}`)).toEqual(wanted);
      if (!known) expect(() => read('x.csv', file)).toThrow(/RFC 4180 and parted by ","(.*)`delimiter`/);
    }
  }
  const unquoted = 'text;label\nHello, world;good\nGood, bad and ugly, all;bad\n';
  expect(read('x.csv', unquoted).map(({ texts }) => texts[0])).toEqual([
    'Hello, world',
    'Good, bad and ugly, all',
  ]);
  expect(read('x.csv', 'text,label\n"two\nlines; three",good\n')[0]!.texts).toEqual(['two\nlines; three']);
});

describe('bad input is refused with file and line', () => {
  it('a text that holds the delimiter without quotes', () => {
    expect(() => read('x.csv', 'label,text\ngood,Hello, world\n')).toThrow(
      /x\.csv:2: found 3 cells \("good \| Hello \| {2}world"\), expected 2.*Quote/,
    );
    expect(read('x.csv', 'label,text\ngood,Hello,\n')).toEqual([{ texts: ['Hello'], label: 'good' }]);
  });
  it('a column that is there twice', () => {
    expect(() => read('x.csv', 'text,text,label\na,b,c\n')).toThrow(
      /x\.csv:1: found the column "text" twice/,
    );
  });
  it('a column that is not there, with those that are', () => {
    expect(() => read('x.csv', 'a,b\n1,2\n')).toThrow(MissingColumnError);
    expect(() => read('x.csv', 'a,b\n1,2\n')).toThrow(/no column "text"\. Columns: a, b/);
    expect(() => read('x.csv', 'a,b\n', { header: false })).toThrow(MissingColumnError);
    expect(() => read('x.jsonl', '{"text":"a","label":"b"}\n{"text":"a"}')).toThrow(
      /x\.jsonl:2: found keys text/,
    );
  });
  it('a row that is too short', () => {
    expect(() => read('x.csv', 'text,label\nfine,a\nshort\n')).toThrow(
      /x\.csv:3: found 1 cells .*expected 2, since the first row has as many/,
    );
  });
  it('a blank text', () => {
    expect(() => read('x.csv', 'text,label\n  ,a\n')).toThrow(/x\.csv:2: found a blank text/);
  });
  it('a label that the task does not have', () => {
    const labels = ['a', 'b'];
    expect(() => read('x.csv', 'text,label\nfine,a\nfine,c\n', { labels })).toThrow(UnknownLabelError);
    expect(() => read('x.csv', 'text,label\nfine,a\nfine,c\n', { labels })).toThrow(
      /x\.csv:3: label "c".*a, b/,
    );
    expect(() => read('x.csv', 'text,label\nfine,constructor\n', { labels })).toThrow(UnknownLabelError);
  });
  it('a score that is no number, or out of range', () => {
    const regression = { kind: 'regression', range: [0, 5] } as const;
    expect(read('x.csv', 'text,label\nfine,3.80\n', regression)[0]?.label).toBe('3.80');
    for (const score of ['', 'x', '5.1', 'NaN', 'Infinity']) {
      expect(() => read('x.csv', `text,label\nfine,${score}\n`, regression)).toThrow(/a number from 0 to 5/);
    }
  });
  it('an empty file, an unknown extension, an impossible delimiter', () => {
    expect(() => read('x.csv', '')).toThrow(/an empty file, expected a header/);
    expect(() => read('x.parquet', '')).toThrow(BadArgumentError);
    for (const delimiter of ['', ',,', '"', '\n']) {
      expect(() => read('x.csv', 'a', { delimiter })).toThrow(BadArgumentError);
    }
  });
});

it('short rows are skipped only where the format says so', () => {
  const format = { ...ownFormat('x.tsv'), skipShortRows: true };
  expect(parseExamples('text\tlabel\nshort\nfine\ta\n', format, 'x.tsv')).toEqual([
    { texts: ['fine'], label: 'a' },
  ]);
});
