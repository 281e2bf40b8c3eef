import {
  controlRanges,
  inertRanges,
  letterRanges,
  markRanges,
  newerLowerCase,
  nonspacingMarkRanges,
  numberRanges,
  numericRanges,
  punctuationRanges,
  scriptRanges,
  spaceRanges,
  unassignedRanges,
  wordRanges,
} from './unicode-tables.js';

/** Classes of code points, as bits of {@link classOf}. */
export const LETTER = 1;
export const NUMBER = 2;
export const SPACE = 4;
export const PUNCTUATION = 8;
export const CONTROL = 16;
export const NONSPACING_MARK = 32;
export const MARK = 64;
export const WORD = 128;

const fill = (table: Uint8Array, packed: string, bit: number): void => {
  forEachRun(packed, (start, end) => {
    for (let c = start; c < end; c++) table[c] = table[c]! | bit;
  });
};

const forEachRun = (packed: string, visit: (start: number, end: number) => void): void => {
  const numbers = packed.split(' ');
  let end = 0;
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const start = end + Number.parseInt(numbers[i]!, 36);
    end = start + Number.parseInt(numbers[i + 1]!, 36);
    visit(start, end);
  }
};

const setOf = (packed: string): ReadonlySet<number> => {
  const set = new Set<number>();
  forEachRun(packed, (start, end) => {
    for (let c = start; c < end; c++) set.add(c);
  });
  return set;
};

let classes: Uint8Array | undefined;

const build = (): Uint8Array => {
  const table = new Uint8Array(0x110000);
  fill(table, letterRanges, LETTER);
  fill(table, numberRanges, NUMBER);
  fill(table, spaceRanges, SPACE);
  fill(table, punctuationRanges, PUNCTUATION);
  fill(table, controlRanges, CONTROL);
  fill(table, nonspacingMarkRanges, NONSPACING_MARK);
  fill(table, markRanges, MARK);
  fill(table, wordRanges, WORD);
  return table;
};

/** Bits of every code point, indexed by code point: one megabyte, made at first use. */
export const classTable = (): Uint8Array => (classes ??= build());

/** Bits of one code point. */
export const classOf = (codePoint: number): number => classTable()[codePoint]!;

let numeric: ReadonlySet<number> | undefined;
let inert: ReadonlySet<number> | undefined;
let unassigned: Uint8Array | undefined;
let newerLower: ReadonlyMap<number, string> | undefined;

/** Rust's `char::is_numeric`. */
export const isNumeric = (codePoint: number): boolean => (numeric ??= setOf(numericRanges)).has(codePoint);

/** True for code points that Oniguruma's tables do not know, though the engine's may. */
export const isUnassigned = (codePoint: number): boolean => {
  if (unassigned === undefined) fill((unassigned = new Uint8Array(0x110000)), unassignedRanges, 1);
  return unassigned[codePoint] === 1;
};

/** True for code points that Unicode normalization leaves alone because the reference's tables are older. */
export const isInert = (codePoint: number): boolean => (inert ??= setOf(inertRanges)).has(codePoint);

let scripts: Uint8Array | undefined;

/** Number of the script that the UnicodeScripts pre-tokenizer sees in a code point; 0 for those of any script. */
export const scriptOf = (codePoint: number): number => {
  if (scripts === undefined) {
    scripts = new Uint8Array(0x110000);
    const numbers = scriptRanges.split(' ').map((x) => Number.parseInt(x, 36));
    for (let i = 0, end = 0; i < numbers.length; i += 3) {
      const start = end + numbers[i]!;
      end = start + numbers[i + 1]!;
      scripts.fill(1 + numbers[i + 2]!, start, end);
    }
  }
  return scripts[codePoint]!;
};

/** Lower case of one character, without the context rule for the final sigma, as Rust's `char::to_lowercase`. */
export const lowerCase = (character: string): string => {
  if (newerLower === undefined) {
    const map = new Map<number, string>();
    const numbers = newerLowerCase.split(' ').map((x) => Number.parseInt(x, 36));
    for (let i = 0; i + 1 < numbers.length; i += 2)
      map.set(numbers[i]!, String.fromCodePoint(numbers[i + 1]!));
    newerLower = map;
  }
  return newerLower.get(character.codePointAt(0)!) ?? character.toLowerCase();
};

/** Ideographs that BERT puts spaces around; 0x2B920 is what the reference has for 0x2B820. */
export const isIdeograph = (c: number): boolean =>
  (c >= 0x4e00 && c <= 0x9fff) ||
  (c >= 0x3400 && c <= 0x4dbf) ||
  (c >= 0xf900 && c <= 0xfaff) ||
  (c >= 0x20000 && c <= 0x2a6df) ||
  (c >= 0x2a700 && c <= 0x2b73f) ||
  (c >= 0x2b740 && c <= 0x2b81f) ||
  (c >= 0x2b920 && c <= 0x2ceaf) ||
  (c >= 0x2f800 && c <= 0x2fa1f);
