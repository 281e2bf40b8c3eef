import { classOf, isUnassigned, LETTER, NUMBER, SPACE, WORD } from '../unicode.js';
import type { Work } from '../work.js';

/** Says of a code point whether it belongs. */
export type CharacterTest = (codePoint: number) => boolean;

const PAGE_BITS = 5;
const PAGE = 1 << PAGE_BITS;
/** Most pages that a set keeps: enough for all ideographs in use. */
const KEPT_PAGES = 1_024;
/** Tests of one character that count as one step. */
const TESTS_PER_STEP = 4;

/** A set of code points whose answers are computed a page at a time, when a text first has one of the page. */
export class CharacterSet {
  private readonly pages = new Map<number, Uint8Array>();

  /** @param parts number of tests that `test` is made of */
  constructor(
    private readonly test: CharacterTest,
    private readonly parts = 1,
  ) {}

  has(codePoint: number, work?: Work): boolean {
    const page = codePoint >> PAGE_BITS;
    return (this.pages.get(page) ?? this.fill(page, work))[codePoint & (PAGE - 1)] === 1;
  }

  private fill(index: number, work: Work | undefined): Uint8Array {
    work?.spend((this.parts * PAGE) / TESTS_PER_STEP);
    if (this.pages.size >= KEPT_PAGES) this.pages.clear();
    const page = new Uint8Array(PAGE);
    for (let k = 0; k < PAGE; k++) page[k] = this.test(index * PAGE + k) ? 1 : 0;
    this.pages.set(index, page);
    return page;
  }
}

/** The other case of a character where that is one character; the two i of Turkish have none. */
const mapped = (change: (text: string) => string): ((codePoint: number) => number) => {
  return (c) => {
    const text = change(String.fromCodePoint(c));
    const other = text.codePointAt(0)!;
    return text.length === (other > 0xffff ? 2 : 1) && c !== 0x130 && c !== 0x131 ? other : c;
  };
};
const lower = mapped((text) => text.toLowerCase());
const upper = mapped((text) => text.toUpperCase());

/** Characters of which there is another case. */
const cased = new CharacterSet((c) => lower(c) !== c || upper(c) !== c);

/** The same test without regard to case: `k` finds the Kelvin sign, and `s` the long s, but not `ss` the sharp s. */
export const ignoringCase =
  (test: CharacterTest): CharacterTest =>
  (c) =>
    test(c) || (cased.has(c) && (test(lower(c)) || test(upper(c)) || test(lower(upper(c)))));

const classTest =
  (bits: number): CharacterTest =>
  (c) =>
    (classOf(c) & bits) !== 0;
export const isSpace = classTest(SPACE);
/** Oniguruma's word characters: without the joiners, which the Whitespace pre-tokenizer takes. */
export const isWord: CharacterTest = (c) => c !== 0x200c && c !== 0x200d && (classOf(c) & WORD) !== 0;
/** Characters that `\w` has outside of brackets only. */
const WORD_NUMBERS = new Set([0xb2, 0xb3, 0xb9, 0xbc, 0xbd, 0xbe]);
export const isWordOrNumber: CharacterTest = (c) => isWord(c) || WORD_NUMBERS.has(c);

/** A class of the engine, for the code points that the reference knows; it has U+0295 as lower case, as U+0253. */
const native = (source: string): CharacterTest => {
  let set = shared.get(source);
  if (set === undefined) {
    const expression = new RegExp(`^[${source}]$`, 'u');
    set = new CharacterSet(
      (c) => !isUnassigned(c) && expression.test(String.fromCodePoint(c === 0x295 ? 0x253 : c)),
    );
    shared.set(source, set);
  }
  const known = set;
  return (c) => known.has(c);
};
/** Classes that were asked for: their pages serve all patterns. */
const shared = new Map<string, CharacterSet>();

const NAMED: Readonly<Record<string, CharacterTest>> = {
  l: classTest(LETTER),
  letter: classTest(LETTER),
  n: classTest(NUMBER),
  number: classTest(NUMBER),
  space: isSpace,
  whitespace: isSpace,
  word: isWord,
};

const POSIX: Readonly<Record<string, string>> = {
  alnum: '\\p{Alphabetic}\\p{Nd}',
  alpha: '\\p{Alphabetic}',
  blank: '\\p{Zs}\\t',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  lower: '\\p{Lowercase}',
  punct: '\\p{P}\\p{S}',
  upper: '\\p{Uppercase}',
  xdigit: '0-9A-Fa-f',
};

/**
 * The test of a property such as `Lu`, `Han` or `alpha`, as Oniguruma names it: case, spaces, hyphens and
 * underscores do not count.
 *
 * @returns undefined for a name that is not known
 */
export const propertyTest = (name: string): CharacterTest | undefined => {
  const plain = name.toLowerCase().replace(/[\s_-]/g, '');
  if (Object.hasOwn(NAMED, plain)) return NAMED[plain];
  if (Object.hasOwn(POSIX, plain)) return native(POSIX[plain]!);
  const words = name.split(/[\s_-]+/);
  const titled = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join('_');
  if (!/^\w+$/.test(titled)) return undefined;
  for (const source of [`\\p{${titled}}`, `\\p{Script=${titled}}`])
    try {
      return native(source);
    } catch {
      // The engine has no property of that name.
    }
  return undefined;
};
