import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnChoiceError, DataFormatError, MissingColumnError, OneLabelError } from '../errors.js';
import { findColumns } from './find-columns.js';

const texts = [
  'Where is my parcel now',
  'The invoice was paid twice',
  'It never starts',
  'Can I return both',
];

/** A file of rows, of which every one is made from its number. */
const file = (header: string | undefined, row: (i: number) => readonly string[], rows = 24): string =>
  [
    ...(header === undefined ? [] : [header]),
    ...Array.from({ length: rows }, (_, i) => row(i).join(',')),
  ].join('\n');

const text = (i: number): string => `${texts[i % 4]} ${i}`;
const kind = (i: number): string => (i % 3 === 0 ? 'billing' : 'delivery');
const chosen = (content: string, options = {}) => {
  const { header, textColumns, labelColumn, labels } = findColumns(content, 'x.csv', options);
  return { header, textColumns, labelColumn, labels };
};

describe('columns are found', () => {
  it.each([
    [
      'by their names',
      'id,subject,body,category',
      (i: number) => [`${i}`, `About ${i}`, text(i), kind(i)],
      ['body'],
      'category',
    ],
    [
      'by a word of their names',
      'Ticket Id,Customer Message,Ticket Type',
      (i: number) => [`T${i}`, text(i), kind(i)],
      ['Customer Message'],
      'Ticket Type',
    ],
    ['by what they hold', 'a,b,c', (i: number) => [`${i}`, kind(i), text(i)], ['c'], 'b'],
    [
      'as a pair',
      'premise,hypothesis,label',
      (i: number) => [text(i), text(i + 1), kind(i)],
      ['premise', 'hypothesis'],
      'label',
    ],
    [
      'as a numbered pair',
      'y,question1,question2',
      (i: number) => [kind(i), text(i), text(i + 1)],
      ['question1', 'question2'],
      'y',
    ],
    [
      'as no pair where three are numbered',
      'q1,q2,q3,label',
      (i: number) => [text(i), text(i), `${text(i)} and more`, kind(i)],
      ['q3'],
      'label',
    ],
    [
      'where a text has a label of its name',
      'subject,words',
      (i: number) => [kind(i), text(i)],
      ['words'],
      'subject',
    ],
    ['where labels are numbers', 'review,stars', (i: number) => [text(i), `${i % 5}`], ['review'], 'stars'],
  ])('%s', (_, header, row, textColumns, labelColumn) => {
    expect(chosen(file(header, row))).toMatchObject({ header: true, textColumns, labelColumn });
  });
  it('where one of them is given, and where the labels are known', () => {
    const content = file('a,b,c,d', (i) => [kind(i), `${i % 2}`, text(i), `${text(i)} and more`]);
    expect(() => chosen(content)).toThrow(ColumnChoiceError);
    expect(chosen(content, { labelColumn: 'b' })).toMatchObject({ textColumns: ['d'], labels: ['0', '1'] });
    expect(chosen(content, { labels: ['1', '0', '2'] })).toMatchObject({ labelColumn: 'b' });
    expect(chosen(content, { labelColumn: 'b', textColumns: ['c'] })).toMatchObject({ textColumns: ['c'] });
    expect(() => chosen(content, { labelColumn: 'e' })).toThrow(MissingColumnError);
  });
  it('in JSON lines, in semicolons and in a script without spaces', () => {
    const lines = Array.from({ length: 12 }, (_, i) => JSON.stringify({ gold: i % 2 === 0, note: text(i) }));
    expect(findColumns(lines.join('\n'), 'x.jsonl')).toMatchObject({
      textColumns: ['note'],
      labelColumn: 'gold',
      labels: ['false', 'true'],
      counts: [6, 6],
    });
    expect(chosen(file('文;类', (i) => [`这部电影很好看${i};${kind(i)}`]))).toMatchObject({
      textColumns: ['文'],
      labelColumn: '类',
    });
  });
});

describe('a first row', () => {
  it.each([
    ['that comes again in its column names nothing', file(undefined, (i) => [text(i), kind(i)]), false],
    [
      'with a number names nothing',
      file('1,Some first text,billing', (i) => [`${i + 2}`, text(i), kind(i)]),
      false,
    ],
    [
      'with a plain name that does not come again is a header',
      file('text,billing', (i) => [text(i), kind(i)]),
      true,
    ],
    [
      'of labels that are plain names is none',
      file('question,Who is it', (i) => [i % 2 ? 'question' : 'answer', text(i)]),
      false,
    ],
  ])('%s', (_, content, header) => {
    expect(findColumns(content, 'x.csv').header).toBe(header);
  });
});

describe('hopeless data are refused, with the columns that there are', () => {
  it.each([
    [
      'one label',
      file('text,label', (i) => [text(i), 'billing']),
      OneLabelError,
      /"billing" in all 24 rows.*"label"/,
    ],
    [
      'no label repeats',
      file('text,id', (i) => [text(i), `x${i}`]),
      ColumnChoiceError,
      /no column of labels.*"text" \(24 values\), "id"/,
    ],
    ['no text', file('a,label', (i) => [`${i}`, kind(i)]), ColumnChoiceError, /no column of texts/],
    [
      'two columns of few values',
      file('a,b,c', (i) => [text(i), kind(i), `${i % 2}`]),
      ColumnChoiceError,
      /2 columns that could hold the labels.*"b" \(2 values\), "c"/,
    ],
    [
      'a blank text',
      file('text,label', (i) => [i === 3 || i === 7 ? ' ' : text(i), kind(i)]),
      DataFormatError,
      /x\.csv:5: found a blank text in column "text", and so in 2 of 24 rows/,
    ],
    [
      'a blank label',
      file('text,label', (i) => [text(i), i === 0 ? '' : kind(i)]),
      DataFormatError,
      /x\.csv:2: found no label in column "label"/,
    ],
    [
      'a name twice',
      file('text,text,label', (i) => [text(i), text(i), kind(i)]),
      DataFormatError,
      /"text" twice/,
    ],
    [
      'columns that stick together',
      'text;label\na;b\nc;b\n'.replaceAll(';', '^'),
      ColumnChoiceError,
      /no column of labels.*"text\^label".*`delimiter`/,
    ],
    ['nothing', '', DataFormatError, /an empty file/],
    [
      'forty columns',
      file(Array.from({ length: 40 }, (_, i) => `c${i}`).join(','), (i) =>
        Array.from({ length: 40 }, (_, j) => `${i * 40 + j}`),
      ),
      ColumnChoiceError,
      /"c11" \(24 values\) and 28 more/,
    ],
  ])('%s', (_, content, error, message) => {
    expect(() => findColumns(content, 'x.csv')).toThrow(error);
    expect(() => findColumns(content, 'x.csv')).toThrow(message);
  });
});

it('the order of the rows does not matter', () => {
  const rows = Array.from({ length: 20 }, (_, i) => [`${i}`, text(i), kind(i), `${i % 3}`].join(','));
  const of = (lines: readonly string[]) => findColumns(['id,note,kind,z', ...lines].join('\n'), 'x.csv');
  const wanted = of(rows);
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
      expect(of(shuffled)).toEqual(wanted);
    }),
    { numRuns: 30 },
  );
});

it('any table gives columns of its own or an error of this project', () => {
  const cell = fc.stringMatching(/^[a-z 0-9.]{0,12}$/);
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
      (rows) => {
        const content = rows.map((cells) => cells.join(',')).join('\n');
        try {
          const { columns, textColumns, labelColumn } = findColumns(content, 'x.csv');
          const names = columns.map(({ column }) => column);
          for (const column of [...textColumns, labelColumn]) expect(names).toContain(column);
          expect(textColumns).not.toContain(labelColumn);
        } catch (error) {
          expect(error).toHaveProperty('kind', 'input');
        }
      },
    ),
  );
});
