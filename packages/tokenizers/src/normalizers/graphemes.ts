import { CharacterSet } from '../patterns/character-set.js';

const setOf = (property: RegExp, others: ReadonlySet<number> = new Set()): CharacterSet =>
  new CharacterSet((c) => others.has(c) || property.test(String.fromCodePoint(c)));

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** Characters that join the character before. */
const joining = setOf(
  /[\p{M}\p{Emoji_Modifier}\u{e0020}-\u{e007f}]/u,
  new Set([0x0e33, 0x0eb3, 0x200c, 0x200d, 0xff9e, 0xff9f]),
);
/** Characters that join the character after. */
const prepended = setOf(
  /[\u0600-\u0605\u{11a84}-\u{11a89}]/u,
  new Set([
    ...[0x06dd, 0x070f, 0x0890, 0x0891, 0x08e2, 0x0d4e, 0x110bd, 0x110cd, 0x111c2, 0x111c3, 0x113d1],
    ...[0x1193f, 0x11941, 0x11a3a, 0x11d46, 0x11f02],
  ]),
);
const pictographs = setOf(/\p{Extended_Pictographic}/u);

/** False where a grapheme surely ends; those of Hangul and of flags are left out. */
const mayJoin = (before: number, after: number): boolean =>
  joining.has(after) ||
  prepended.has(before) ||
  (before === 13 && after === 10) ||
  (before === 0x200d && pictographs.has(after));

/**
 * Calls `visit` with each grapheme; of Hangul and of flags with each character. The engine's segmenter, whose time is
 * quadratic, gets short stretches only.
 */
export const forEachGrapheme = (text: string, visit: (grapheme: string) => void): void => {
  let start = 0;
  let before = -1;
  let characters = 0;
  const close = (end: number): void => {
    const stretch = text.slice(start, end);
    if (characters < 2) visit(stretch);
    else for (const { segment } of graphemes.segment(stretch)) visit(segment);
    start = end;
    characters = 0;
  };
  for (let i = 0; i < text.length; ) {
    const c = text.codePointAt(i)!;
    if (i > start && !mayJoin(before, c)) close(i);
    characters++;
    before = c;
    i += c > 0xffff ? 2 : 1;
  }
  if (start < text.length) close(text.length);
};
