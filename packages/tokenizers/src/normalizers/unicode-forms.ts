import { type Normalizer, recordChanges } from '../aligned-text.js';
import { TextTooLongError } from '../errors.js';
import { MAX_MARKS } from '../limits.js';
import { classOf, isInert, MARK } from '../unicode.js';

type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of plain text is what is meant
const ASCII = /^[\x00-\x7f]*$/;

/** Jamo, half-width forms and compatibility jamo, which may join to the character before. */
const joins = (c: number): boolean =>
  (classOf(c) & MARK) !== 0 ||
  (c >= 0x1100 && c <= 0x11ff) ||
  (c >= 0x3130 && c <= 0x318f) ||
  (c >= 0xd7b0 && c <= 0xd7ff) ||
  (c >= 0xff9e && c <= 0xffdc);

/** Calls `visit` with stretches that normalization does not look across; inert characters on their own. */
const forEachStretch = (text: string, visit: (part: string, inert: boolean) => void): void => {
  let start = 0;
  let i = 0;
  for (const character of text) {
    const c = character.codePointAt(0)!;
    if (isInert(c)) {
      if (i > start) visit(text.slice(start, i), false);
      visit(character, true);
      start = i + character.length;
    } else if (i > start && !joins(c)) {
      visit(text.slice(start, i), false);
      start = i;
    }
    i += character.length;
  }
  if (start < text.length) visit(text.slice(start), false);
};

const normalizePart = (part: string, form: Form): { characters: string[]; changes: number[] } => {
  const canonical: Form = form === 'NFKC' || form === 'NFKD' ? 'NFKD' : 'NFD';
  const decomposed: { character: string; change: number; used: boolean }[] = [];
  for (const character of part) {
    let change = 0;
    for (const piece of character.normalize(canonical)) {
      decomposed.push({ character: piece, change, used: false });
      change = 1;
    }
  }
  const characters = [...part.normalize(form)];
  let first = 0;
  const changes = characters.map((character) => {
    let change = 1;
    for (const piece of character.normalize('NFD')) {
      while (decomposed[first]?.used) first++;
      let at = first;
      while (at < decomposed.length && (decomposed[at]!.used || decomposed[at]!.character !== piece)) at++;
      const match = decomposed[at];
      if (match !== undefined) match.used = true;
      change += (match?.change ?? 0) - 1;
    }
    return change;
  });
  return { characters, changes };
};

/** Marks that follow each other are put in order one by one. */
const checkMarks = (text: string): void => {
  let run = 0;
  for (let i = 0; i < text.length; ) {
    const c = text.codePointAt(i)!;
    run = c >= 0x300 && (classOf(c) & MARK) !== 0 && !isInert(c) ? run + 1 : 0;
    if (run > MAX_MARKS) throw new TextTooLongError(run, MAX_MARKS, 'in a run of combining marks');
    i += c > 0xffff ? 2 : 1;
  }
};

/** NFC, NFD, NFKC or NFKD, with code points that the reference's older tables lack left as they are. */
export const unicodeForm =
  (form: Form): Normalizer =>
  (text, source) => {
    if (ASCII.test(text)) return text;
    checkMarks(text);
    if (source === null) {
      let out = '';
      let pending = '';
      for (const character of text) {
        if (isInert(character.codePointAt(0)!)) {
          out += pending.normalize(form) + character;
          pending = '';
        } else pending += character;
      }
      return out + pending.normalize(form);
    }
    const characters: string[] = [];
    const changes: number[] = [];
    forEachStretch(text, (part, inert) => {
      if (inert || (part.length === 1 && part.charCodeAt(0) < 128)) {
        characters.push(part);
        changes.push(0);
        return;
      }
      const result = normalizePart(part, form);
      for (const [i, character] of result.characters.entries()) {
        characters.push(character);
        changes.push(result.changes[i]!);
      }
    });
    recordChanges(text, characters, changes, source);
    return characters.join('');
  };
