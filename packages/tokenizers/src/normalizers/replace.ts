import type { Normalizer } from '../aligned-text.js';
import { TextTooLongError } from '../errors.js';
import { MAX_TEXT_LENGTH } from '../limits.js';
import type { Pattern } from '../patterns/read-pattern.js';

/** Replaces each match by `content`, which comes from the last character of the match. */
export const replace =
  (pattern: Pattern, content: string): Normalizer =>
  (text, source) => {
    const bounds: number[] = [];
    pattern(text, (start, end) => bounds.push(start, end));
    if (bounds.length === 0) return text;
    const grown = text.length + (bounds.length / 2) * content.length;
    if (grown > 2 * MAX_TEXT_LENGTH)
      throw new TextTooLongError(grown, MAX_TEXT_LENGTH, 'after normalization');
    const parts: string[] = [];
    let last = 0;
    const copy = (to: number): void => {
      if (source !== null)
        for (let i = last; i < to; i++) {
          const low = text.charCodeAt(i) & 0xfc00;
          source.push(low === 0xdc00 && i > 0 ? i - 1 : i);
        }
      parts.push(text.slice(last, to));
    };
    for (let m = 0; m < bounds.length; m += 2) {
      copy(bounds[m]!);
      last = bounds[m + 1]!;
      let from = Math.max(0, last - 1);
      if ((text.charCodeAt(from) & 0xfc00) === 0xdc00) from = Math.max(0, from - 1);
      if (source !== null) for (let u = 0; u < content.length; u++) source.push(from);
      parts.push(content);
    }
    copy(text.length);
    return parts.join('');
  };
