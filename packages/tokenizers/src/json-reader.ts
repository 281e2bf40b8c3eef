import { TokenizerFormatError, UnsupportedTokenizerError } from './errors.js';

const describe = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
  return shown;
};

/** A place in a parsed JSON file, which knows its path for error messages. */
export class JsonReader {
  constructor(
    readonly file: string,
    readonly value: unknown,
    readonly path = '',
  ) {}

  static parse(file: string, text: string): JsonReader {
    try {
      return new JsonReader(file, JSON.parse(text) as unknown);
    } catch (cause) {
      throw new TokenizerFormatError(file, '', 'text that is not JSON', 'a JSON object', { cause });
    }
  }

  fail(expected: string): TokenizerFormatError {
    return new TokenizerFormatError(this.file, this.path, describe(this.value), expected);
  }

  unsupported(supported: readonly string[]): UnsupportedTokenizerError {
    return new UnsupportedTokenizerError(this.file, this.path, describe(this.value), supported);
  }

  get missing(): boolean {
    return this.value === undefined || this.value === null;
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.fail('an object');
    return this.value as Readonly<Record<string, unknown>>;
  }

  get(key: string): JsonReader {
    const object = this.object();
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    return new JsonReader(this.file, value, this.path === '' ? key : `${this.path}.${key}`);
  }

  items(): JsonReader[] {
    return this.array().map((value, i) => new JsonReader(this.file, value, `${this.path}[${i}]`));
  }

  array(): readonly unknown[] {
    if (!Array.isArray(this.value)) throw this.fail('a list');
    return this.value as readonly unknown[];
  }

  string(fallback?: string): string {
    if (this.missing && fallback !== undefined) return fallback;
    if (typeof this.value !== 'string') throw this.fail('a string');
    return this.value.replace(LONE_SURROGATE, '\ufffd');
  }

  boolean(fallback?: boolean): boolean {
    if (this.missing && fallback !== undefined) return fallback;
    if (typeof this.value !== 'boolean') throw this.fail('true or false');
    return this.value;
  }

  integer(minimum: number, maximum: number, fallback?: number): number {
    if (this.missing && fallback !== undefined) return fallback;
    const value = this.value;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum)
      throw this.fail(`an integer from ${minimum} to ${maximum}`);
    return value;
  }
}

/** Half of a surrogate pair without the other; Rust's strings cannot have one. */
export const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export const ANY_SURROGATE = /[\ud800-\udfff]/;
