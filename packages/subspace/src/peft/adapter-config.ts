import { keyOfOtherCase } from '@ntk-lens/core';
import { AdapterConfigError, UnsupportedAdapterError } from './errors.js';

/** Name of the configuration in an adapter directory. */
export const CONFIG_FILE = 'adapter_config.json';
/** Name of the weights in an adapter directory. */
export const WEIGHTS_FILE = 'adapter_model.safetensors';
/** The same as older versions of PEFT write it, a pickle of tensors. */
export const OLD_WEIGHTS_FILE = 'adapter_model.bin';
/** Key of the base model's hash in the metadata of an adapter's weights. */
export const BASE_HASH = 'ntk_lens_base';

/** Typed access to an `adapter_config.json`. */
export class AdapterConfig {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(
    readonly file: string,
    values: Readonly<Record<string, unknown>>,
  ) {
    this.#values = values;
  }

  /** @throws AdapterConfigError if the text is no JSON object */
  static parse(text: string, file: string): AdapterConfig {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new AdapterConfigError(file, 'text that is not JSON', 'a JSON object', { cause });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new AdapterConfigError(file, JSON.stringify(value).slice(0, 60), 'a JSON object');
    return new AdapterConfig(file, value as Record<string, unknown>);
  }

  text(key: string): string {
    const value = this.#value(key);
    if (typeof value === 'string') return value;
    throw this.#error(key, 'a text');
  }

  integer(key: string): number {
    const value = this.#value(key);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    throw this.#error(key, 'a positive integer');
  }

  number(key: string, otherwise?: number): number {
    const value = this.#value(key) ?? otherwise;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.#error(key, 'a number');
  }

  flag(key: string): boolean {
    const value = this.#value(key) ?? false;
    if (typeof value === 'boolean') return value;
    throw this.#error(key, 'true or false');
  }

  /** A list of texts; nothing where PEFT has a pattern or no value. */
  texts(key: string): readonly string[] | undefined {
    const value = this.#value(key);
    if (value === undefined || value === null || typeof value === 'string') return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.#error(key, 'a list of names');
  }

  /** Refuses options that would change what the adapter computes. */
  refuse(keys: readonly string[], allowed: readonly unknown[] = []): void {
    for (const key of keys) {
      const value = this.#value(key);
      if (isUnset(value) || allowed.includes(value)) continue;
      throw new UnsupportedAdapterError(this.file, `"${key}": ${JSON.stringify(value)}`, 'it unset');
    }
  }

  /** @throws AdapterConfigError where the key is there in another case only */
  #value(key: string): unknown {
    const other = keyOfOtherCase(this.#values, key);
    if (other !== undefined) throw new AdapterConfigError(this.file, `the key "${other}"`, `"${key}"`);
    return this.#values[key];
  }

  #error(key: string, expected: string): AdapterConfigError {
    const value = this.#values[key];
    const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
    return new AdapterConfigError(this.file, `${found} for "${key}"`, expected);
  }
}

const isUnset = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);
