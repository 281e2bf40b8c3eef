import { keepInPlace, type Normalizer } from '../aligned-text.js';
import { CONTROL, classOf, isIdeograph, lowerCase, MARK, NONSPACING_MARK, SPACE } from '../unicode.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of plain text is what is meant
const ASCII = /^[\x00-\x7f]*$/;
const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** Replaces each character by a string, which may be empty or the character itself. */
const eachCharacter =
  (replace: (character: string, codePoint: number) => string): Normalizer =>
  (text, source) => {
    let out = '';
    let i = 0;
    for (const character of text) {
      const replaced = replace(character, character.codePointAt(0)!);
      out += replaced;
      if (source !== null) for (let u = 0; u < replaced.length; u++) source.push(i);
      i += character.length;
    }
    return out;
  };

const unlessPlainAscii =
  (normalizer: Normalizer): Normalizer =>
  (text, source) =>
    PLAIN_ASCII.test(text) ? text : normalizer(text, source);

const unlessAscii =
  (normalizer: Normalizer): Normalizer =>
  (text, source) =>
    ASCII.test(text) ? text : normalizer(text, source);

const lowerEach = eachCharacter((character) => lowerCase(character));

/** Lower case, character by character: a final sigma is an ordinary one. */
export const lowercase: Normalizer = (text, source) => {
  if (!ASCII.test(text)) return lowerEach(text, source);
  const lower = text.toLowerCase();
  if (lower !== text && source !== null) keepInPlace(text, source);
  return lower;
};

/** Drops control and private characters; tab, line feed and every Unicode space become a space. */
export const cleanText: Normalizer = unlessPlainAscii(
  eachCharacter((character, c) => {
    if (c === 9 || c === 10 || c === 13) return ' ';
    const bits = classOf(c);
    if (bits & CONTROL) return '';
    return bits & SPACE ? ' ' : character;
  }),
);

/** A space before and after each ideograph. */
export const spaceIdeographs: Normalizer = unlessAscii(
  eachCharacter((character, c) => (isIdeograph(c) ? ` ${character} ` : character)),
);

/** Drops nonspacing marks, by the tables that BERT's normalizer uses. */
export const dropNonspacingMarks: Normalizer = unlessAscii(
  eachCharacter((character, c) => (classOf(c) & NONSPACING_MARK ? '' : character)),
);

/** Drops all combining marks. */
export const dropMarks: Normalizer = unlessAscii(
  eachCharacter((character, c) => (classOf(c) & MARK ? '' : character)),
);

/** SentencePiece's rule set "nmt": drops controls, turns unusual spaces and joiners into spaces. */
export const nmt: Normalizer = unlessPlainAscii(
  eachCharacter((character, c) => {
    if (c === 9 || c === 10 || c === 12 || c === 13) return ' ';
    if (c < 0x20 || c === 0x7f || c === 0x8f || c === 0x9f) return c === 0 ? character : '';
    if (
      c === 0x1680 ||
      (c >= 0x200b && c <= 0x200f) ||
      c === 0x2028 ||
      c === 0x2029 ||
      c === 0x2581 ||
      c === 0xfeff ||
      c === 0xfffd
    )
      return ' ';
    return character;
  }),
);

/** Drops white space at the ends. */
export const strip =
  (left: boolean, right: boolean): Normalizer =>
  (text, source) => {
    let start = 0;
    let end = text.length;
    while (left && start < end && classOf(text.charCodeAt(start)) & SPACE) start++;
    while (right && end > start && classOf(text.charCodeAt(end - 1)) & SPACE) end--;
    if (source !== null && end - start < text.length) {
      const all: number[] = [];
      keepInPlace(text, all);
      for (const position of all.slice(start, end)) source.push(position);
    }
    return text.slice(start, end);
  };

/** Puts `prefix` before a text that is not empty; it comes from the first character. */
export const prepend =
  (prefix: string): Normalizer =>
  (text, source) => {
    if (text === '' || prefix === '') return text;
    if (source !== null) {
      for (let u = 0; u < prefix.length; u++) source.push(0);
      keepInPlace(text, source);
    }
    return prefix + text;
  };
