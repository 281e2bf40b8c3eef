import type { Random } from '@ntk-lens/core';

export const pick = <T>(random: Random, values: readonly T[]): T =>
  values[random.interval(values.length - 1)]!;

const chance = (random: Random, probability: number): boolean => random.randomSample() < probability;

/** One edit, often; two or three, sometimes. */
const editCount = (random: Random): number => (chance(random, 0.7) ? 1 : 2 + random.interval(1));

/** Part of a value that is edited more often than the rest. */
export interface Region {
  readonly from: number;
  readonly to: number;
}

/**
 * Bytes with a few edits: bits, bytes, cuts, insertions, copies of other places.
 *
 * @param inPlace bits and bytes only, so that nothing moves
 */
export const mutatedBytes = (
  random: Random,
  seed: Uint8Array,
  { from, to }: Region = { from: 0, to: seed.length },
  inPlace = false,
): Uint8Array<ArrayBuffer> => {
  let bytes = Uint8Array.from(seed);
  for (let edits = editCount(random); edits > 0 && bytes.length > 0; edits--) {
    const inside = chance(random, 0.8);
    const [low, high] = inside ? [from, Math.min(to, bytes.length)] : [0, bytes.length];
    const at = low >= high ? random.interval(bytes.length - 1) : random.randint(low, high);
    const kind = random.randomSample() * (inPlace ? 0.8 : 1);
    if (kind < 0.35) bytes[at] = bytes[at]! ^ (1 << random.interval(7));
    else if (kind < 0.65) bytes[at] = random.interval(255);
    else if (kind < 0.8) bytes[at] = pick(random, [0, 1, 0x7f, 0x80, 0xff]);
    else if (kind < 0.88) bytes.copyWithin(at, random.interval(bytes.length - 1), bytes.length);
    else if (kind < 0.92) bytes = joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.interval(7)));
    else if (kind < 0.96)
      bytes = joined(bytes.subarray(0, at), Uint8Array.of(random.interval(255)), bytes.subarray(at));
    else bytes = bytes.slice(0, at);
  }
  return bytes;
};

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

const CHARACTERS = [
  ...['"', "'", '\\', ',', ';', ':', '\t', '\n', '\r', '\0', ' ', '*', '_', '{', '}', '[', ']', '(', ')'],
  ...['=', '+', '-', '.', '/', '%', '?', '|', '$', '^', '0', '9', 'a', 'Z', 'ß', 'İ', '北', '👍', '\ud800'],
  ...['\ufeff', '\u0301', '\u2028', '\u200d', '1e999', '-1', '0.5', '4294967297', '__proto__', 'constructor'],
];

const NUMBERS = [
  ...['0', '1', '-1', '2', '0.5', '1e-9', '1e9', '1e308', '1e999', '4294967296', '4294967297'],
  ...['9007199254740993', '2147483648', '-2147483649', 'NaN', 'Infinity', '00', '1_000', '0x10'],
];

/** Text with a few edits: characters, numbers, lines, and words that mean something in its language. */
export const mutatedText = (random: Random, seed: string, words: readonly string[] = []): string => {
  let text = seed;
  for (let edits = editCount(random); edits > 0; edits--) {
    const at = random.interval(text.length);
    const length = chance(random, 0.8) ? random.interval(4) : random.interval(40);
    const kind = random.randomSample();
    if (kind < 0.2) text = text.slice(0, at) + text.slice(at + length);
    else if (kind < 0.45)
      text = text.slice(0, at) + pick(random, CHARACTERS) + text.slice(at + random.interval(1));
    else if (kind < 0.6 && words.length > 0)
      text = text.slice(0, at) + pick(random, words) + text.slice(at + random.interval(2));
    else if (kind < 0.75) text = withOtherNumber(random, text);
    else if (kind < 0.9)
      text = text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length);
    else if (kind < 0.97) {
      const other = random.interval(text.length);
      text = text.slice(0, at) + text.slice(other, other + length) + text.slice(at);
    } else text = text.slice(0, at);
  }
  return text;
};

const withOtherNumber = (random: Random, text: string): string => {
  const numbers = [...text.matchAll(/\d+(\.\d+)?/g)];
  if (numbers.length === 0) return text;
  const { index, 0: found } = pick(random, numbers);
  const other = chance(random, 0.5) ? String(Number(found) + pick(random, [-1, 1])) : pick(random, NUMBERS);
  return text.slice(0, index) + other + text.slice(index + found.length);
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A place in a JSON value: its parent, and the key. */
interface Place {
  readonly holder: Json[] | { [key: string]: Json };
  readonly key: string | number;
}

const placesIn = (value: Json): Place[] => {
  const places: Place[] = [];
  const visit = (holder: Json): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
      places.push({ holder, key } as Place);
      visit((holder as Record<string | number, Json>)[key]!);
    }
  };
  visit(value);
  return places;
};

const NASTY: readonly Json[] = [
  ...[null, true, false, -1, 0, 1, 0.5, 1e300, 2 ** 53, 4_294_967_297, '', '\ud800', '__proto__', 'toString'],
  ...['a'.repeat(600), [], {}, [[]], [null], { a: 1 }, ['a', 'b'], '(a+)+$', '[', '1', 'NaN', '../x', '/'],
];

/**
 * JSON with a few edits: small ones to numbers and texts, so that many are accepted; values of other places; values
 * of other types; fields left out or named otherwise.
 *
 * @param words texts that mean something where this value is read
 */
export const mutatedJson = (random: Random, seed: unknown, words: readonly string[] = []): unknown => {
  const root = { value: structuredClone(seed) as Json };
  for (let edits = editCount(random); edits > 0; edits--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    // The whole value is one place among many.
    const { holder, key } = places.length > 1 ? places[1 + random.interval(places.length - 2)]! : places[0]!;
    const values = holder as Record<string | number, Json>;
    const old = values[key]!;
    const kind = random.randomSample();
    if (kind < 0.45) values[key] = nearby(random, old, words);
    else if (kind < 0.6) values[key] = structuredClone(valueAt(pick(random, places)));
    else if (kind < 0.75) values[key] = structuredClone(pick(random, NASTY));
    else if (kind < 0.88) remove(holder, key);
    else if (Array.isArray(holder)) holder.push(structuredClone(old));
    else {
      const name =
        words.length > 0 && chance(random, 0.5) ? pick(random, words) : mutatedText(random, String(key));
      if (chance(random, 0.5)) delete holder[key];
      Object.defineProperty(holder, name, {
        value: old,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }
  return root.value;
};

const valueAt = ({ holder, key }: Place): Json => (holder as Record<string | number, Json>)[key]!;

const remove = (holder: Place['holder'], key: Place['key']): void => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
};

const nearby = (random: Random, value: Json, words: readonly string[]): Json => {
  if (typeof value === 'number')
    return pick(random, [value + 1, value - 1, 2 * value, value / 2, -value, 0, 1]);
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string')
    return words.length > 0 && chance(random, 0.3) ? pick(random, words) : mutatedText(random, value, words);
  if (Array.isArray(value)) return value.toReversed();
  return value === null
    ? pick(random, [0, '', false, 1])
    : Object.fromEntries(Object.entries(value).reverse());
};

/** JSON text of a mutated value, or, a tenth of the time, text that was mutated itself. */
export const mutatedJsonText = (random: Random, seed: unknown, words: readonly string[] = []): string =>
  chance(random, 0.1)
    ? mutatedText(random, JSON.stringify(seed), words)
    : (JSON.stringify(mutatedJson(random, seed, words)) ?? 'null');

/** A list with a few edits: items left out, doubled, exchanged, and others put in. */
export const mutatedList = <T>(random: Random, seed: readonly T[], others: readonly T[]): T[] => {
  const items = [...seed];
  for (let edits = editCount(random); edits > 0; edits--) {
    const at = random.interval(Math.max(0, items.length - 1));
    const kind = random.interval(3);
    if (kind === 0 || items.length === 0) items.splice(at, 0, pick(random, others));
    else if (kind === 1) items.splice(at, 1);
    else if (kind === 2) items.splice(at, 0, items[at]!);
    else items.push(...items.splice(at, 1));
  }
  return items;
};

/** Text of the same JSON value in another spelling: indents, and characters of strings as escapes. */
export const respelledJson = (random: Random, seed: unknown): string => {
  const text = JSON.stringify(seed, undefined, pick(random, [0, 1, 2, '\t', '\r\n']));
  const often = random.randomSample();
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (literal) =>
    chance(random, often)
      ? literal.replaceAll(/(?<!\\)[A-Za-z](?![^\\]*\\)/g, (letter) =>
          chance(random, 0.5) ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
        )
      : literal,
  );
};
