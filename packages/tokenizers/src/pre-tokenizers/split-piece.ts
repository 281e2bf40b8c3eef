import { type Piece, slicePiece } from '../aligned-text.js';
import type { Pattern } from '../patterns/read-pattern.js';

/** Turns pieces into smaller ones; pieces with an id are left as they are. */
export type PreTokenizer = (pieces: readonly Piece[], track: boolean) => readonly Piece[];

export const BEHAVIORS = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type Behavior = (typeof BEHAVIORS)[number];

interface Span {
  start: number;
  end: number;
  match: boolean;
}

const spansOf = (text: string, pattern: Pattern, invert: boolean): Span[] => {
  const spans: Span[] = [];
  let last = 0;
  pattern(text, (start, end) => {
    if (start > last) spans.push({ start: last, end: start, match: invert });
    if (end > start) spans.push({ start, end, match: !invert });
    last = end;
  });
  if (last < text.length) spans.push({ start: last, end: text.length, match: invert });
  return spans;
};

const mergeMatches = (spans: readonly Span[], towards: 'previous' | 'next'): Span[] => {
  const ordered = towards === 'previous' ? spans : spans.toReversed();
  const merged: Span[] = [];
  let afterMatch = false;
  for (const span of ordered) {
    const last = merged.at(-1);
    if (span.match && !afterMatch && last !== undefined) {
      if (towards === 'previous') last.end = span.end;
      else last.start = span.start;
    } else merged.push({ ...span });
    afterMatch = span.match;
  }
  return towards === 'previous' ? merged : merged.toReversed();
};

const joinAlike = (spans: readonly Span[]): Span[] => {
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && last.match === span.match) last.end = span.end;
    else merged.push({ ...span });
  }
  return merged;
};

/** Splits every piece at a pattern's matches, which are removed, kept apart or joined to a neighbour. */
export const splitAt =
  (pattern: Pattern, behavior: Behavior, invert = false): PreTokenizer =>
  (pieces) => {
    const out: Piece[] = [];
    for (const piece of pieces) {
      if (piece.id >= 0) {
        out.push(piece);
        continue;
      }
      let spans = spansOf(piece.text, pattern, invert);
      if (behavior === 'Removed') spans = spans.filter((span) => !span.match);
      else if (behavior === 'Contiguous') spans = joinAlike(spans);
      else if (behavior === 'MergedWithPrevious') spans = mergeMatches(spans, 'previous');
      else if (behavior === 'MergedWithNext') spans = mergeMatches(spans, 'next');
      for (const span of spans) out.push(slicePiece(piece, span.start, span.end));
    }
    return out;
  };

/** A pattern that matches each single character for which `test` holds. */
export const eachCharacter =
  (test: (codePoint: number) => boolean): Pattern =>
  (text, visit) => {
    for (let i = 0; i < text.length; ) {
      const c = text.codePointAt(i)!;
      const length = c > 0xffff ? 2 : 1;
      if (test(c)) visit(i, i + length);
      i += length;
    }
  };
