import { isError } from '@ntk-lens/core';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { Lexer, type Tokens } from 'marked';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { TableShapeError } from '../errors.js';
import { renderCsv } from './csv-table.js';
import { escapeLatex, renderLatexTable } from './latex-table.js';
import { escapeMarkdown, renderMarkdownTable } from './markdown-table.js';
import { oneLine } from './plain-text.js';
import type { Cell, Table } from './table.js';
import { terminalLines } from './terminal-lines.js';
import { renderTerminalTable } from './terminal-table.js';

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(...'|\\`*_{}[]()<>#+-!~$^:@&"\',;%\r\n\t .a1/漢é😀\u001b\u202e\u0301\u{11a84}'),
    maxLength: 12,
  }),
  fc.constantFrom(
    'www.example.org',
    'https://example.org',
    'a@b.org',
    '&amp;',
    '<b>x</b>',
    '--',
    '``',
    '\\\\',
    '![a](b)',
  ),
);
const cell: fc.Arbitrary<Cell> = fc.oneof(
  nasty,
  fc.double({ noNaN: true }),
  fc.record({ mean: fc.double({ noNaN: true }), sd: fc.double({ min: 0, noNaN: true }) }),
  fc.constant(null),
);
const tables: fc.Arbitrary<Table> = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    title: nasty,
    columns: fc.array(
      fc.record({ header: nasty, digits: fc.constantFrom(undefined, 0, 3), percent: fc.boolean() }),
      { minLength: width, maxLength: width },
    ),
    rows: fc.array(
      fc.record({
        cells: fc.array(cell, { minLength: width, maxLength: width }),
        strong: fc.boolean(),
        rule: fc.boolean(),
      }),
      { maxLength: 5 },
    ),
    notes: fc.array(nasty, { maxLength: 2 }),
  }),
);

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

describe('terminal table', () => {
  it('has lines of one display width and no control character from a cell', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const lines = renderTerminalTable({ ...table, title: undefined, notes: [] })
          .split('\n')
          .slice(0, -1);
        expect(new Set(lines.map((line) => stringWidth(line))).size).toBe(1);
        expect(lines.join('')).not.toMatch(/[\p{Cc}]/u);
      }),
    );
  });
  it('is the same text with colours and without', () => {
    fc.assert(
      fc.property(tables, (table) => {
        expect(renderTerminalTable(table, { color: true }).replace(colours, '')).toBe(
          renderTerminalTable(table),
        );
      }),
    );
  });
  it('keeps to the width of a terminal and loses no text', () => {
    const visible = (text: string) => [...text.replace(/[\s─│┌┬┐├┼┤└┴┘]/g, '')].sort().join('');
    fc.assert(
      fc.property(tables, fc.integer({ min: 12, max: 60 }), (table, columns) => {
        const bare = { ...table, title: undefined, notes: [] };
        const [whole, narrow] = [renderTerminalTable(bare), renderTerminalTable(bare, { columns })];
        for (const line of narrow.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        if (narrow.includes('┌')) expect(visible(narrow)).toBe(visible(whole));
        else {
          // Rows one below the other, each cell after its header.
          const [, headers] = whole.split('\n');
          const { length } = table.rows;
          const again =
            length === 0 ? '' : `${headers!.repeat(length - 1)}${':'.repeat(length * table.columns.length)}`;
          expect(visible(narrow)).toBe(visible(`${whole}${again}`));
        }
      }),
    );
  });
  it('breaks texts between words, titles and notes too, and numbers never', () => {
    const table: Table = {
      title: 'what is compared with what',
      columns: [{ header: 'method' }, { header: 'test accuracy', digits: 1 }, { header: 'how it answers' }],
      rows: [{ cells: ['kernel', 85.3, 'kernel regression with the model as it is'] }],
      notes: ['  indented: a note that goes on and on'],
    };
    expect(renderTerminalTable(table, { columns: 44 }).split('\n')).toEqual([
      'what is compared with what',
      '┌────────┬───────────────┬─────────────────┐',
      '│ method │ test accuracy │ how it answers  │',
      '├────────┼───────────────┼─────────────────┤',
      '│ kernel │          85.3 │ kernel          │',
      '│        │               │ regression with │',
      '│        │               │ the model as it │',
      '│        │               │ is              │',
      '└────────┴───────────────┴─────────────────┘',
      '  indented: a note that goes on and on',
      '',
    ]);
    expect(renderTerminalTable(table, { columns: 24 }).split('\n')).toEqual([
      'what is compared with',
      '  what',
      '─'.repeat(24),
      'method: kernel',
      'test accuracy: 85.3',
      'how it answers: kernel',
      '  regression with the',
      '  model as it is',
      '─'.repeat(24),
      '  indented: a note',
      '    that goes on and on',
      '',
    ]);
  });
  it('shows mean ± sd, percent, digits and empty cells', () => {
    const table: Table = {
      columns: [{ header: 'method' }, { header: 'accuracy', percent: true, digits: 1 }],
      rows: [{ cells: ['SGD', { mean: 0.853, sd: 0.012 }] }, { cells: [null, 0.5] }],
    };
    expect(renderTerminalTable(table)).toBe(
      [
        '┌────────┬──────────────┐',
        '│ method │ accuracy (%) │',
        '├────────┼──────────────┤',
        '│ SGD    │   85.3 ± 1.2 │',
        '│ –      │         50.0 │',
        '└────────┴──────────────┘',
        '',
      ].join('\n'),
    );
  });
  it('does not round a small number to nothing', () => {
    const table: Table = { columns: [{ header: 'x', digits: 3 }], rows: [{ cells: [0.000012] }] };
    expect(renderTerminalTable(table)).toContain('1.2e-5');
  });
});

it('lines of a text keep to a width, and words wider than it stay whole', () => {
  expect(terminalLines('a note that goes on', 12)).toEqual(['a note', '  that goes', '  on']);
  expect(terminalLines('two\n  indented lines')).toEqual(['two', '  indented lines']);
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z漢]{1,12}$/)),
      fc.integer({ min: 8, max: 40 }),
      (words, columns) => {
        const lines = terminalLines(words.join(' '), columns);
        expect(lines.join(' ').split(/ +/).filter(Boolean)).toEqual(words);
        for (const line of lines)
          if (line.trim().includes(' ')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

/** The text a reader sees: leaves of marked's tokens; anything but text, escapes and bold fails. */
const seen = (tokens: readonly Tokens.Generic[] | undefined): string =>
  (tokens ?? [])
    .map((token) => {
      if (token.type === 'strong') return seen(token['tokens']);
      if (token.type === 'text' || token.type === 'escape') return decode(String(token['text']));
      throw new Error(`markup from a cell: ${token.type} ${token.raw}`);
    })
    .join('');
const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|amp);/g, (_, code) =>
    code === undefined ? '&' : String.fromCharCode(Number(code)),
  );

describe('Markdown table', () => {
  it('is read back by a Markdown parser as the same texts and no markup', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const texts = table.rows.map((row) => row.cells.map((c) => (typeof c === 'string' ? c : '')));
        const bare = { columns: table.columns, rows: texts.map((cells) => ({ cells })) };
        const [token] = Lexer.lex(renderMarkdownTable(bare)) as Tokens.Table[];
        expect(token?.type).toBe('table');
        const rows = token!.rows.map((row) => row.map((c) => seen(c.tokens).trim()));
        expect(rows).toEqual(texts.map((row) => row.map((text) => oneLine(text).trim())));
        const headers = token!.header.map((c) => seen(c.tokens).trim());
        expect(headers).toEqual(
          table.columns.map(({ header, percent }) => oneLine(percent ? `${header} (%)` : header).trim()),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('Markdown text', () => {
  it('keeps what is no markup', () => {
    for (const text of [
      ...[
        'SGD kernel: 8 rows, 8.1e-5',
        'p < 0.05 (two-sided)',
        'mean ± sd (ddof 0)',
        'a_b, x-y, 3 + 4!',
        'K^T K',
      ],
      ...[
        '{0, 1}',
        'ntk-lens 0.1.0; Node v20.20.2',
        'A & B',
        'A # B',
        'lora:r=8',
        'negative → terrible',
        'a > b = c',
      ],
    ])
      expect(escapeMarkdown(text)).toBe(text);
  });
  it('is read back by a Markdown parser as a paragraph of the same text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const tokens = Lexer.lex(escapeMarkdown(text)).filter(
          ({ type }) => type !== 'space',
        ) as Tokens.Paragraph[];
        const read = tokens.map((token) => (token.type === 'paragraph' ? seen(token.tokens) : token.type));
        expect(read.join('').trim()).toBe(oneLine(text).trim());
      }),
      { numRuns: 500 },
    );
  });
  it('keeps issues, mentions and emoji of a page from being made', () => {
    for (const [text, escaped] of [
      ['see #12', 'see \\#12'],
      ['@somebody', '&#64;somebody'],
      [':smile:', '&#58;smile:'],
      ['1. first', '1\\. first'],
      ['- item', '\\- item'],
    ] as const)
      expect(escapeMarkdown(text)).toBe(escaped);
  });
});

describe('CSV', () => {
  it('is read back by a CSV parser as the same values, to the last digit', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const records: string[][] = parse(renderCsv(table), { relax_quotes: false, skip_empty_lines: false });
        const spread = table.columns.map((_, c) =>
          table.rows.some(({ cells }) => typeof cells[c] === 'object' && cells[c] !== null),
        );
        for (const [r, { cells }] of table.rows.entries()) {
          const record = [...records[r + 1]!];
          for (const [c, value] of cells.entries()) {
            const first = record.shift()!;
            const second = spread[c] ? record.shift()! : '';
            if (typeof value === 'string') expect(first).toBe(value);
            else if (value === null) expect(first).toBe('');
            else if (typeof value === 'number') expect(Number(first)).toBe(value === 0 ? 0 : value);
            else expect([Number(first), Number(second)]).toEqual([value.mean || 0, value.sd || 0]);
          }
        }
      }),
    );
  });
});

describe('LaTeX table', () => {
  it('leaves no active character of a text unescaped', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const rest = escapeLatex(text)
          .replace(
            /\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|textquotedbl)\{\}/g,
            '',
          )
          .replace(/\\[#$%&_{}]/g, '')
          .replace(/\{[[\]*]\}/g, '')
          .replace(/[-'`]\{\}/g, '');
        expect(rest).not.toMatch(/[\\~^#$%&_{}<>|"[\]*]/);
        expect(escapeLatex(text)).not.toMatch(/--|''|``|\n/);
      }),
    );
  });
  it('has one & less than columns in every row', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const rows = renderLatexTable(table)
          .split('\n')
          .filter((line) => line.endsWith(' \\\\'));
        expect(rows).toHaveLength(table.rows.length + 1);
        for (const row of rows) {
          expect(row.replaceAll('\\&', '').split('&')).toHaveLength(table.columns.length);
        }
      }),
    );
  });
});

it('a row of another length is refused by every renderer', () => {
  const table: Table = { columns: [{ header: 'a' }, { header: 'b' }], rows: [{ cells: ['x'] }] };
  for (const render of [renderTerminalTable, renderMarkdownTable, renderCsv, renderLatexTable]) {
    let caught: unknown;
    try {
      render(table);
    } catch (error) {
      caught = error;
    }
    expect(isError(caught, TableShapeError)).toBe(true);
  }
});
