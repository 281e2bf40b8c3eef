import { type Normalizer, recordChanges } from '../aligned-text.js';
import { TextTooLongError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';
import { MAX_REPLACEMENT_LENGTH, MAX_TEXT_LENGTH } from '../limits.js';
import { forEachGrapheme } from './graphemes.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/** Characters that may make a grapheme of several; clusters of Hangul, flags and emoji are longer than 5 bytes. */
const CLUSTERS = /\r\n|[\p{M}\p{Cf}\uff9e\uff9f\u0d4e\u0e33\u0eb3]/u;
const LONGEST_GRAPHEME_BYTES = 5;
const REMEMBERED = 65_536;

/** The double-array trie and replacement strings that SentencePiece stores as `precompiled_charsmap`. */
class CharsMap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;
  private readonly memory = new Map<string, string | null>();

  constructor(
    bytes: Uint8Array,
    private readonly reader: JsonReader,
  ) {
    const expected = 'a charsmap: four bytes of length, a trie, strings ended by zeros';
    if (bytes.length < 4) throw reader.fail(expected);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const size = view.getUint32(0, true);
    if (size % 4 !== 0 || size < 4 || 4 + size > bytes.length) throw reader.fail(expected);
    this.units = new Uint32Array(size / 4);
    for (let i = 0; i < this.units.length; i++) this.units[i] = view.getUint32(4 + 4 * i, true);
    this.replacements = bytes.slice(4 + size);
    try {
      decoder.decode(this.replacements);
    } catch {
      throw reader.fail(expected);
    }
  }

  /** Replacement of the shortest stored prefix of `part`, or null. */
  find(part: string): string | null {
    const known = this.memory.get(part);
    if (known !== undefined) return known;
    const found = this.search(encoder.encode(part));
    if (this.memory.size >= REMEMBERED) this.memory.clear();
    this.memory.set(part, found);
    return found;
  }

  private search(key: Uint8Array): string | null {
    const offsetOf = (unit: number) => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
    let node = offsetOf(this.units[0]!);
    for (const byte of key) {
      if (byte === 0) break;
      node = (node ^ byte) >>> 0;
      const unit = this.units[node];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
      node = (node ^ offsetOf(unit)) >>> 0;
      if ((unit >>> 8) & 1) {
        const value = this.units[node];
        return value === undefined ? null : this.replacementAt(value & 0x7fffffff);
      }
    }
    return null;
  }

  private replacementAt(index: number): string {
    const end = this.replacements.indexOf(0, index);
    const bytes = this.replacements.subarray(index, end < 0 ? undefined : end);
    if (bytes.length > 4 * MAX_REPLACEMENT_LENGTH)
      throw this.reader.fail(`replacements of at most ${MAX_REPLACEMENT_LENGTH} characters`);
    return lossy.decode(bytes);
  }
}

/** SentencePiece's character map, with the reference's rule: a grapheme shorter than 6 bytes is looked up whole first. */
export const precompiled = (reader: JsonReader): Normalizer => {
  const field = reader.get('precompiled_charsmap');
  if (field.missing || field.value === '') return (text) => text;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(field.string()), (c) => c.charCodeAt(0));
  } catch {
    throw field.fail('a string in base 64');
  }
  const map = new CharsMap(bytes, field);
  const kept = new Uint8Array(128);
  for (let c = 0x20; c < 0x7f; c++) kept[c] = map.find(String.fromCharCode(c)) === null ? 1 : 0;
  const staysAsIs = (text: string): boolean => {
    for (let i = 0; i < text.length; i++) if (kept[text.charCodeAt(i)] !== 1) return false;
    return true;
  };

  return (text, source) => {
    if (staysAsIs(text)) return text;
    const characters: string[] = [];
    const changes: number[] = [];
    let modified = false;
    const replace = (old: string, replacement: string): void => {
      modified = true;
      if (characters.length > MAX_TEXT_LENGTH)
        throw new TextTooLongError(characters.length, MAX_TEXT_LENGTH, 'after normalization');
      let oldCount = 0;
      for (const _ of old) oldCount++;
      let added = 0;
      for (const character of replacement) {
        characters.push(character);
        changes.push(added < oldCount ? 0 : 1);
        added++;
      }
      if (added < oldCount && changes.length > 0) changes[changes.length - 1]! += added - oldCount;
    };
    const perCharacter = (part: string): void => {
      for (const character of part) {
        const found = map.find(character);
        if (found !== null) replace(character, found);
        else {
          characters.push(character);
          changes.push(0);
        }
      }
    };
    if (!CLUSTERS.test(text)) perCharacter(text);
    else
      forEachGrapheme(text, (grapheme) => {
        const found = isShort(grapheme) ? map.find(grapheme) : null;
        if (found !== null) replace(grapheme, found);
        else perCharacter(grapheme);
      });
    if (!modified) return text;
    if (source !== null) recordChanges(text, characters, changes, source);
    return characters.join('');
  };
};

const isShort = (segment: string): boolean => {
  if (segment.length > LONGEST_GRAPHEME_BYTES) return false;
  let bytes = 0;
  for (const character of segment) {
    const c = character.codePointAt(0)!;
    bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  }
  return bytes <= LONGEST_GRAPHEME_BYTES;
};
