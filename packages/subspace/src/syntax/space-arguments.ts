import { didYouMean } from '@ntk-lens/core';
import { SpaceSpecError } from '../errors.js';

/** The arguments of a space specification, `name:first,key=value,…`; lists are joined by `+`. */
export class SpaceArguments {
  readonly #values = new Map<string, string>();
  readonly #taken = new Set<string>();

  /**
   * @param spec the whole specification
   * @param usage shown in errors
   * @param first key of a first argument without one
   */
  constructor(
    readonly spec: string,
    readonly usage: string,
    first?: string,
  ) {
    const text = spec.includes(':') ? spec.slice(spec.indexOf(':') + 1) : '';
    for (const [i, part] of text === '' ? [] : text.split(',').entries()) {
      const at = part.indexOf('=');
      const [key, value] =
        at < 0 ? [i === 0 ? first : undefined, part] : [part.slice(0, at), part.slice(at + 1)];
      if (key === undefined) throw this.error(`"${part}"`, 'key=value');
      if (value === '') throw this.error(`${key} without a value`, 'key=value');
      if (this.#values.has(key)) throw this.error(`${key} twice`, 'it once');
      this.#values.set(key, value);
    }
  }

  /** A whole number of at least `least`. */
  integer(key: string, least: number): number | undefined {
    return this.number(
      key,
      (x) => Number.isSafeInteger(x) && x >= least,
      `a whole number of at least ${least}`,
    );
  }

  number(key: string, fits: (x: number) => boolean, expected: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!(Number.isFinite(value) && fits(value))) throw this.error(`${key} = "${text}"`, expected);
    return value;
  }

  flag(key: string): boolean | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (text !== 'true' && text !== 'false') throw this.error(`${key} = "${text}"`, 'true or false');
    return text === 'true';
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text);
    if (!found) throw this.error(`${key} = "${text}"`, choices.join(' or '), didYouMean(text, choices));
    return found;
  }

  /** Texts joined by `+`. */
  list(key: string): readonly string[] | undefined {
    const items = this.text(key)?.split('+');
    if (items?.includes('')) throw this.error(`${key} with an empty name`, 'names joined by +');
    return items;
  }

  text(key: string): string | undefined {
    this.#taken.add(key);
    return this.#values.get(key);
  }

  /** A key that must be there. */
  required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw this.error(`no ${key}`, `${key}`);
    return value;
  }

  /** To be called when all keys were asked for: refuses those that were not. */
  done(): void {
    const unknown = [...this.#values.keys()].filter((key) => !this.#taken.has(key));
    if (unknown.length > 0) {
      const known = [...this.#taken];
      throw this.error(
        `"${unknown[0]}"`,
        known.length > 0 ? known.join(', ') : 'no arguments',
        didYouMean(unknown[0]!, known),
      );
    }
  }

  /** @param hint a sentence on what was probably meant, with a space before it */
  error(found: string, expected: string, hint?: string): SpaceSpecError {
    return new SpaceSpecError(this.spec, found, expected, this.usage, hint);
  }
}
