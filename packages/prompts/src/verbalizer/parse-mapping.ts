import { MappingSyntaxError } from './label-word-errors.js';

/** Label → label word. */
export type LabelMapping = Readonly<Record<string, string>>;

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\x07',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '/': '/',
  '\n': '',
};
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Reader {
  position = 0;
  constructor(readonly source: string) {}

  fail(expected: string, at = this.position): never {
    const [found] = this.source.slice(at);
    throw new MappingSyntaxError(
      this.source,
      at,
      found === undefined ? 'the end' : JSON.stringify(found),
      expected,
    );
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  skipSpace(): void {
    this.match(/\s+/y);
  }

  /** Skips white space and takes `character` if it is next. */
  take(character: string): boolean {
    this.skipSpace();
    if (this.source[this.position] !== character) return false;
    this.position++;
    return true;
  }

  text(expected: string): string {
    const quote = this.take('"') ? '"' : this.take("'") ? "'" : this.fail(expected);
    let text = '';
    for (;;) {
      const at = this.position;
      const character = this.source[this.position++];
      if (character === quote) return text;
      if (character === undefined || character === '\n') this.fail(`the closing ${quote}`, at);
      text += character === '\\' ? this.escape(at) : character;
    }
  }

  private escape(at: number): string {
    const name = this.source[this.position++] ?? '';
    const digits = Object.hasOwn(hexDigits, name) ? hexDigits[name]! : 0;
    if (digits === 0)
      return Object.hasOwn(escapes, name) ? escapes[name]! : this.fail('an escape of JSON or Python', at);
    const hex = this.source.slice(this.position, this.position + digits);
    const code = Number.parseInt(hex, 16);
    if (hex.length < digits || !/^[0-9a-f]+$/i.test(hex) || code > 0x10ffff)
      this.fail(`${digits} hexadecimal digits`, at);
    this.position += digits;
    return String.fromCodePoint(code);
  }

  /** A label: a text, or a whole number taken as it is written. */
  label(): string {
    this.skipSpace();
    return this.match(/-?\d+/y) ?? this.text('a label in quotes');
  }
}

/**
 * Reads a label mapping, as JSON or as the Python dict literal that LM-BFF's scripts use. Nothing is evaluated.
 *
 * @example
 * ```ts
 * parseMapping(`{'0':'terrible','1':'great'}`); // { '0': 'terrible', '1': 'great' }
 * ```
 * @param source one dict of labels (texts or whole numbers) to words (texts)
 * @returns words by label
 * @throws MappingSyntaxError with the place, also for a label given twice
 */
export const parseMapping = (source: string): LabelMapping => {
  const reader = new Reader(source);
  const words = new Map<string, string>();
  if (!reader.take('{')) reader.fail('"{"');
  while (!reader.take('}')) {
    reader.skipSpace();
    const at = reader.position;
    const label = reader.label();
    if (words.has(label))
      reader.fail(`a label other than ${JSON.stringify(label)}, which has a word already`, at);
    if (!reader.take(':')) reader.fail('":"');
    words.set(label, reader.text('a label word in quotes'));
    if (!reader.take(',')) {
      if (!reader.take('}')) reader.fail('"," or "}"');
      break;
    }
  }
  reader.skipSpace();
  if (reader.position < source.length) reader.fail('nothing more');
  return Object.fromEntries(words);
};
