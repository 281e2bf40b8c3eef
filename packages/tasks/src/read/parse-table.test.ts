import { isNtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataFormatError } from '../errors.js';
import type { TableFormat } from '../spec/table-format.js';
import { writeCsvRows } from '../split/csv-as-pandas.js';
import { parseExamples } from './parse-examples.js';
import { parseTable } from './parse-table.js';

const types = ['tsv', 'csv', 'jsonl'] as const;
const cells = (text: string, type: 'tsv' | 'csv'): unknown[] =>
  parseTable(text, { type, header: false }, 'f').rows.map((row) => row.cells);

it('TSV keeps quotes as text, CSV takes them away', () => {
  expect(cells('"a\tb"\n', 'tsv')).toEqual([['"a', 'b"']]);
  expect(cells('"a,""b""","c\nd"\n', 'csv')).toEqual([['a,"b"', 'c\nd']]);
});

it('a byte-order mark, Windows line ends and empty lines do not become text', () => {
  for (const type of ['tsv', 'csv'] as const) {
    const separator = type === 'tsv' ? '\t' : ',';
    expect(
      parseTable(`\ufeffq${separator}r\r\n\r\n1${separator}2\r\n`, { type, header: true }, 'f'),
    ).toMatchObject({ columns: ['q', 'r'], rows: [{ line: 3, cells: ['1', '2'] }] });
  }
});

it('an error names the file and the line', () => {
  const failing: [string, TableFormat['type'], number][] = [
    ['a,b\n"c" d,e\n', 'csv', 2],
    ['a,b\n"never closed\n\n', 'csv', 3],
    ['{"a":1}\n\n{"a":\n', 'jsonl', 3],
    ['{"a":1}\n[1]\n', 'jsonl', 2],
  ];
  for (const [text, type, line] of failing) {
    const read = (): unknown => parseTable(text, { type, header: false }, 'my.file');
    expect(read).toThrow(DataFormatError);
    expect(read).toThrow(new RegExp(`^my\\.file:${line}: `));
  }
});

describe('parsing inverts writing', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '"', ',', ' ', '\n', '\t', '_') });
  it('for CSV as pandas writes it', () => {
    const row = fc.array(cell, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        expect(cells(writeCsvRows(rows), 'csv')).toEqual(rows);
      }),
    );
  });
  it('for TSV without tabs and line breaks in cells', () => {
    const plain = cell.map((text) => text.replace(/[\t\n]/g, ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, plain), { maxLength: 6 }), (rows) => {
        expect(cells(rows.map((row) => `${row.join('\t')}\n`).join(''), 'tsv')).toEqual(rows);
      }),
    );
  });
  it('for JSON lines', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text: fc.string(), label: fc.string() })), (rows) => {
        const text = rows.map((row) => JSON.stringify(row)).join('\n');
        expect(parseTable(text, { type: 'jsonl', header: false }, 'f').rows.map((row) => row.cells)).toEqual(
          rows,
        );
      }),
    );
  });
});

describe('any text is either read or refused with a typed error', () => {
  const soup = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '"',
        ',',
        '\t',
        '\n',
        '\r',
        '{',
        '}',
        ':',
        '[',
        '\\',
        '\ufeff',
        '\0',
        'a',
        '1',
        '__proto__',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
    ),
    maxLength: 200,
  });
  it.each(types)('%s', (type) => {
    fc.assert(
      fc.property(soup, fc.boolean(), (text, header) => {
        const format = { type, header, textColumns: [0], labelColumn: 1 };
        try {
          for (const { texts, label } of parseExamples(text, format, 'f')) {
            expect(texts).toHaveLength(1);
            expect(typeof texts[0]).toBe('string');
            expect(typeof label).toBe('string');
          }
        } catch (error) {
          if (!isNtkLensError(error)) throw error;
          expect(error.kind).toBe('input');
        }
      }),
      { numRuns: 500 },
    );
  });
  it('mutated bytes of a valid file', () => {
    const valid = 'text,label\n"a ""quoted"", text",good\nplain text,bad\n';
    const format: TableFormat = { type: 'csv', header: true, textColumns: ['text'], labelColumn: 'label' };
    const edit = fc.record({ at: fc.nat(valid.length), drop: fc.nat(3), add: fc.string({ maxLength: 3 }) });
    fc.assert(
      fc.property(edit, ({ at, drop, add }) => {
        try {
          parseExamples(valid.slice(0, at) + add + valid.slice(at + drop), format, 'f');
        } catch (error) {
          if (!isNtkLensError(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
