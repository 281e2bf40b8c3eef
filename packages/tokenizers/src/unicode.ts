import {
  controlRanges,
  inertRanges,
  letterRanges,
  markDifferences,
  newerLowerCase,
  nonspacingMarkRanges,
  numberRanges,
  numericDifferences,
  punctuationRanges,
  scriptRanges,
  spaceRanges,
  unassignedDifferences,
  wordDifferences,
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

/** Turns a bit over in every run. */
const turn = (table: Uint8Array, packed: string, bit: number): void => {
  forEachRun(packed, (start, end) => {
    for (let c = start; c < end; c++) table[c] = table[c]! ^ bit;
  });
};

/** Sets a bit where one of others is, save in the runs. */
const derive = (table: Uint8Array, from: number, differences: string, bit: number): void => {
  for (let c = 0; c < table.length; c++) if (table[c]! & from) table[c] = table[c]! | bit;
  turn(table, differences, bit);
};

/** Columns of numbers: all of the first, then those of the next. One below 90 is a character, others are `!base 36!`. */
const unpacked = (packed: string, columns: number): readonly (readonly number[])[] => {
  const numbers = Array.from(packed.matchAll(/!(.*?)!|./g), ([text, large]) => {
    const code = text.charCodeAt(0);
    // The quote and the backslash are left out.
    return large ? Number.parseInt(large, 36) : code - 35 - Number(code > 39) - Number(code > 92);
  });
  const length = numbers.length / columns;
  return Array.from({ length: columns }, (_, i) => numbers.slice(i * length, (i + 1) * length));
};

const forEachRun = (
  packed: string,
  visit: (start: number, end: number, script: number) => void,
  columns = 2,
): void => {
  const [gaps, lengths, scripts] = unpacked(packed, columns);
  let end = 0;
  for (const [i, gap] of gaps!.entries()) {
    const start = end + gap;
    end = start + lengths![i]!;
    visit(start, end, scripts?.[i] ?? 0);
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
  turn(table, letterRanges, LETTER);
  turn(table, numberRanges, NUMBER);
  turn(table, spaceRanges, SPACE);
  turn(table, punctuationRanges, PUNCTUATION);
  turn(table, controlRanges, CONTROL);
  turn(table, nonspacingMarkRanges, NONSPACING_MARK);
  derive(table, NONSPACING_MARK, markDifferences, MARK);
  derive(table, LETTER | NUMBER | MARK, wordDifferences, WORD);
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
export const isNumeric = (codePoint: number): boolean =>
  (classOf(codePoint) & NUMBER) > 0 !== (numeric ??= setOf(numericDifferences)).has(codePoint);

/** True for code points that Oniguruma's tables do not know, though the engine's may. */
export const isUnassigned = (codePoint: number): boolean => {
  if (unassigned === undefined) turn((unassigned = new Uint8Array(0x110000)), unassignedDifferences, 1);
  return (scriptOf(codePoint) === 0) !== (unassigned[codePoint] === 1);
};

/** True for code points that Unicode normalization leaves alone because the reference's tables are older. */
export const isInert = (codePoint: number): boolean => (inert ??= setOf(inertRanges)).has(codePoint);

let scripts: Uint8Array | undefined;

/** Number of the script that the UnicodeScripts pre-tokenizer sees in a code point; 0 for those of any script. */
export const scriptOf = (codePoint: number): number => {
  if (scripts === undefined) {
    const table = (scripts = new Uint8Array(0x110000));
    forEachRun(scriptRanges, (start, end, script) => table.fill(1 + script, start, end), 3);
  }
  return scripts[codePoint]!;
};

/** Lower case of one character, without the context rule for the final sigma, as Rust's `char::to_lowercase`. */
export const lowerCase = (character: string): string => {
  if (newerLower === undefined) {
    const [from, to] = unpacked(newerLowerCase, 2);
    newerLower = new Map(from!.map((c, i) => [c, String.fromCodePoint(to![i]!)]));
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
