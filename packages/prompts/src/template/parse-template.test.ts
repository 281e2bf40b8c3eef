import { isError, isNtkLensError, type NtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitrarySource, arbitraryTemplate } from '../testing/arbitrary-template.js';
import { checkTemplate } from './check-template.js';
import { maxTemplateLength, parseTemplate } from './parse-template.js';
import {
  BadIndexError,
  NoMaskError,
  TemplateError,
  TemplateTooLongError,
  UnbalancedStarError,
  UnknownPieceError,
} from './template-errors.js';

const errorOf = (action: () => unknown): NtkLensError => {
  try {
    action();
  } catch (error) {
    if (isNtkLensError(error)) return error;
    throw error;
  }
  throw new Error('no error');
};

test('every piece of the language is read as docs/theory.md says (Template language)', () => {
  const { pieces } = parseTemplate(
    '*cls**sent_0**+sent_1**sent-_2**sentl_3**+sentl_4**sentl-_5**sentu_6**+sentu_7**label_8**labelx_9*_so_it*mask*.*sep**sep+*',
  );
  const sentence = { kind: 'sentence', leadingSpace: false, dropLast: false, firstLetter: 'as-is' };
  expect(pieces.map(({ start: _start, end: _end, source: _source, ...rest }) => rest)).toEqual([
    { kind: 'cls', nextSegment: false },
    { ...sentence, index: 0 },
    { ...sentence, index: 1, leadingSpace: true },
    { ...sentence, index: 2, dropLast: true },
    { ...sentence, index: 3, firstLetter: 'lower' },
    { ...sentence, index: 4, firstLetter: 'lower', leadingSpace: true },
    { ...sentence, index: 5, firstLetter: 'lower', dropLast: true },
    { ...sentence, index: 6, firstLetter: 'upper' },
    { ...sentence, index: 7, firstLetter: 'upper', leadingSpace: true },
    { kind: 'label', index: 8 },
    { kind: 'support-label', index: 9 },
    { kind: 'text', text: ' so it' },
    { kind: 'mask' },
    { kind: 'text', text: '.' },
    { kind: 'sep', nextSegment: false },
    { kind: 'sep', nextSegment: true },
  ]);
});

describe('errors point at the place', () => {
  test.each([
    ['*cls**snet_0*_It*mask*', UnknownPieceError, 'snet_0'],
    ['*cls****mask*', UnknownPieceError, ''],
    ['*cls**sent_x**mask*', BadIndexError, 'sent_x'],
    ['*cls**sent_**mask*', BadIndexError, 'sent_'],
    ['*cls**sent_-1**mask*', BadIndexError, 'sent_-1'],
    ['*cls**label_10000**mask*', BadIndexError, 'label_10000'],
    ['*cls**sent_0*_It_was*mask', UnbalancedStarError, '*'],
    ['*cls**sent_0*_It_was.*sep+*', NoMaskError, '*cls**sent_0*_It_was.*sep+*'],
    ['', NoMaskError, ''],
  ])('%s', (source, errorClass, found) => {
    const error = errorOf(() => parseTemplate(source));
    expect(isError(error, errorClass)).toBe(true);
    expect(error.kind).toBe('input');
    if (!(error instanceof TemplateError)) throw error;
    expect(source.slice(error.start, error.end)).toBe(found);
  });

  test('with a caret under it', () => {
    const lines = errorOf(() => parseTemplate('*cls**snet_0*_It*mask*')).message.split('\n');
    expect(lines[0]).toContain('piece "snet_0" at character 7 is not known');
    expect(lines[1]!.slice(lines[2]!.indexOf('^'), lines[2]!.lastIndexOf('^') + 1)).toBe('snet_0');
  });
});

test('templates beyond the cap are refused', () => {
  const error = errorOf(() => parseTemplate(`*mask*${'a'.repeat(maxTemplateLength)}`));
  expect(isError(error, TemplateTooLongError)).toBe(true);
  expect(error.message.length).toBeLessThan(500);
});

test('the lm-bff syntax reads as text what strict refuses', () => {
  const kinds = (source: string) =>
    parseTemplate(source, { syntax: 'lm-bff' }).pieces.map((piece) => [piece.kind, piece.source]);
  expect(kinds('*cls*hello*mask*bye')).toEqual([
    ['cls', 'cls'],
    ['text', 'hello'],
    ['mask', 'mask'],
    ['text', 'bye'],
  ]);
  expect(kinds('*so**mask')).toEqual([
    ['text', 'so'],
    ['mask', 'mask'],
  ]);
});

test('both syntaxes agree on what strict accepts, and spans give back the source', () => {
  fc.assert(
    fc.property(arbitraryTemplate(3), (source) => {
      const template = parseTemplate(source);
      expect(parseTemplate(source, { syntax: 'lm-bff' })).toEqual(template);
      for (const piece of template.pieces) expect(source.slice(piece.start, piece.end)).toBe(piece.source);
      const rebuilt = template.pieces.map(({ kind, source: text }) => (kind === 'text' ? text : `*${text}*`));
      expect(rebuilt.join('')).toBe(source);
    }),
  );
});

test('any text is a template with a mask or a typed error with a place inside it', () => {
  fc.assert(
    fc.property(arbitrarySource, fc.constantFrom('strict', 'lm-bff'), (source, syntax) => {
      try {
        expect(parseTemplate(source, { syntax }).pieces.some(({ kind }) => kind === 'mask')).toBe(true);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        expect(error.start).toBeGreaterThanOrEqual(0);
        expect(error.end).toBeLessThanOrEqual(Math.max(1, source.length));
      }
    }),
    { numRuns: 1000 },
  );
});

test('indices beyond what is there are refused by name', () => {
  const template = parseTemplate('*cls**sent_1**label_2**mask*');
  expect(() => checkTemplate(template, { texts: 2, labels: 3 })).not.toThrow();
  expect(() => checkTemplate(template, { texts: 1, labels: 3 })).toThrow(/"sent_1".*index from 0 to 0/);
  expect(() => checkTemplate(template, { texts: 2, labels: 2 })).toThrow(/"label_2".*index from 0 to 1/);
  expect(() => checkTemplate(parseTemplate('*labelx_0**mask*'), { texts: 2 })).toThrow(BadIndexError);
});
