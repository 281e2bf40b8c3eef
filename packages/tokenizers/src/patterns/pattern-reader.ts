import { type CharacterTest, isSpace, isWord, isWordOrNumber, propertyTest } from './character-set.js';

/** The fault of a regular expression, as the end of a sentence about it. */
export class PatternSyntaxError extends Error {}

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

const not =
  (test: CharacterTest): CharacterTest =>
  (c) =>
    !test(c);

const SHORT: Readonly<Record<string, CharacterTest>> = {
  d: propertyTest('digit')!,
  h: propertyTest('xdigit')!,
  s: isSpace,
  w: isWord,
  N: (c) => c !== 10,
  O: () => true,
};

/** A place in the source of a regular expression. */
export class PatternReader {
  private position = 0;

  constructor(private readonly source: string) {}

  fail(reason: string): never {
    throw new PatternSyntaxError(`${reason} (at character ${this.position})`);
  }

  get done(): boolean {
    return this.position >= this.source.length;
  }

  /** The next UTF-16 unit, empty at the end. */
  get peek(): string {
    return this.source.slice(this.position, this.position + 1);
  }

  at(text: string): boolean {
    return this.source.startsWith(text, this.position);
  }

  take(text: string): boolean {
    const found = this.at(text);
    if (found) this.position += text.length;
    return found;
  }

  /** Takes what a sticky expression finds here, if `accept` agrees. */
  match(pattern: RegExp, accept?: (found: RegExpExecArray) => boolean): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source);
    if (found === null || accept?.(found) === false) return undefined;
    this.position += found[0].length;
    return found;
  }

  /** An escape that stands for a class of characters, as `\p{L}` or `\S`. */
  classEscape(inClass: boolean): CharacterTest | undefined {
    const property = this.match(/\\([pP])\{(\^?)([^}]*)\}/y);
    if (property !== undefined) {
      const test = propertyTest(property[3]!);
      if (test === undefined)
        this.fail(`names the property ${JSON.stringify(property[3])}, which is not known`);
      return (property[1] === 'P') !== (property[2] === '^') ? not(test) : test;
    }
    const short = this.match(/\\([dDhHsSwWNO])/y)?.[1];
    if (short === undefined) return undefined;
    const test = short === 'w' || short === 'W' ? (inClass ? isWord : isWordOrNumber) : SHORT[short];
    return short === 'W' || test === undefined ? not(test ?? SHORT[short.toLowerCase()]!) : test;
  }

  /** One character, written as it is or escaped. */
  character(): number {
    const hex = this.match(/\\x\{([0-9A-Fa-f]{1,8})\}|\\x([0-9A-Fa-f]{1,2})|\\u([0-9A-Fa-f]{4})/y);
    if (hex !== undefined) {
      const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
      if (code > 0x10ffff) this.fail('has a code point beyond Unicode');
      return code;
    }
    const octal = this.match(/\\(0[0-7]{0,2})/y)?.[1];
    if (octal !== undefined) return Number.parseInt(octal, 8);
    if (this.take('\\')) {
      if (this.done) this.fail('ends in a backslash');
      const letter = this.peek;
      if (Object.hasOwn(CONTROLS, letter)) {
        this.position++;
        return CONTROLS[letter]!;
      }
      if (/[A-Za-z0-9]/.test(letter)) this.fail(`has the escape \\${letter}, which is not known`);
    }
    const code = this.source.codePointAt(this.position)!;
    this.position += code > 0xffff ? 2 : 1;
    return code;
  }
}
