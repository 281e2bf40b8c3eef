import { TextTooLongError } from './errors.js';
import { MAX_TEXT_LENGTH } from './limits.js';

/**
 * A part of a text on its way to tokens, which remembers where its characters come from.
 *
 * `starts[i]` and `ends[i]` are the range in the original of the character that unit `i` comes from; both are
 * null while the text still is the original from `base` on. `id` is set where an added token was recognized.
 */
export interface Piece {
  readonly text: string;
  readonly starts: Int32Array | null;
  readonly ends: Int32Array | null;
  readonly base: number;
  readonly id: number;
}

/**
 * Changes a text. When `source` is not null it is given, for each UTF-16 unit of the result, the index in
 * `text` of the first unit of the character it comes from. Returning `text` without filling it: no change.
 */
export type Normalizer = (text: string, source: number[] | null) => string;

export const wholePiece = (text: string): Piece => ({ text, starts: null, ends: null, base: 0, id: -1 });

export const slicePiece = (piece: Piece, start: number, end: number, id = -1): Piece => ({
  text: piece.text.slice(start, end),
  starts: piece.starts === null ? null : piece.starts.subarray(start, end),
  ends: piece.ends === null ? null : piece.ends.subarray(start, end),
  base: piece.base + start,
  id,
});

/** The place of units `start` to `end` of the piece in the original; empty at 0 for an empty range. */
export const originalStart = (piece: Piece, start: number): number =>
  piece.starts === null ? piece.base + start : (piece.starts[start] ?? 0);
export const originalEnd = (piece: Piece, end: number): number =>
  piece.ends === null ? piece.base + end : end > 0 ? (piece.ends[end - 1] ?? 0) : 0;

const isHighSurrogate = (text: string, i: number): boolean => {
  const unit = text.charCodeAt(i);
  return unit >= 0xd800 && unit < 0xdc00;
};

/** Applies one normalizer; `track` says whether origins are wanted. */
export const normalizePiece = (piece: Piece, normalizer: Normalizer, track: boolean): Piece => {
  const source: number[] | null = track ? [] : null;
  const text = normalizer(piece.text, source);
  if (text === piece.text && (source === null || source.length === 0)) return piece;
  if (text.length > MAX_TEXT_LENGTH)
    throw new TextTooLongError(text.length, MAX_TEXT_LENGTH, 'after normalization');
  if (source === null) return { text, starts: null, ends: null, base: piece.base, id: piece.id };
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const from = source[i]!;
    if (piece.starts === null || piece.ends === null) {
      starts[i] = piece.base + from;
      ends[i] = piece.base + from + (isHighSurrogate(piece.text, from) ? 2 : 1);
    } else {
      starts[i] = piece.starts[from]!;
      ends[i] = piece.ends[from]!;
    }
  }
  return { text, starts, ends, base: piece.base, id: piece.id };
};

/** Records that the units of `text` stay where they are. */
export const keepInPlace = (text: string, source: number[]): void => {
  for (let i = 0; i < text.length; i++) {
    source.push(i);
    if (isHighSurrogate(text, i) && i + 1 < text.length) {
      source.push(i);
      i++;
    }
  }
};

/**
 * Records origins the way Rust's `NormalizedString::transform` does. A result character with change 0 takes
 * the place of the next character, and one with change -n takes that of the next one and of n more. One with
 * a positive change is new and comes from where the one before came from.
 */
export const recordChanges = (
  text: string,
  characters: readonly string[],
  changes: readonly number[],
  source: number[],
): void => {
  const positions: number[] = [];
  for (let i = 0; i < text.length; i++) {
    positions.push(i);
    if (isHighSurrogate(text, i)) i++;
  }
  let next = 0;
  for (const [k, character] of characters.entries()) {
    const change = changes[k]!;
    const from = change > 0 ? Math.max(0, next - 1) : next;
    const position = positions[Math.min(from, positions.length - 1)] ?? 0;
    for (let u = 0; u < character.length; u++) source.push(position);
    if (change <= 0) next += 1 - change;
  }
};
