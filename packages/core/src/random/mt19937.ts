import { BadArgumentError } from '../errors.js';
import type { Random } from './random.js';

const stateLength = 624;
const shift = 397;

/**
 * NumPy's legacy `numpy.random.RandomState`: the Mersenne Twister with the distributions that NumPy has frozen,
 * so that a seed gives the numbers that NumPy (and pandas' `random_state`) gives.
 *
 * @example
 * ```ts
 * const random = new Mt19937(42);
 * random.randomSample(); // 0.3745401188473625, as numpy.random.RandomState(42).random_sample()
 * ```
 */
export class Mt19937 implements Random {
  readonly #state = new Uint32Array(stateLength);
  #position = stateLength;
  #spareNormal: number | undefined;

  /**
   * @param seed an integer in [0, 2³²), as `RandomState(seed)`; or a non-empty list of them, as `RandomState([…])`
   * @throws BadArgumentError on any other seed
   */
  constructor(seed: number | readonly number[]) {
    if (typeof seed === 'number') this.#seed(checkSeed(seed));
    else this.#seedByArray(seed);
  }

  #seed(seed: number): void {
    this.#state[0] = seed;
    for (let i = 1; i < stateLength; i++) {
      const previous = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  #seedByArray(key: readonly number[]): void {
    if (key.length === 0) throw new BadArgumentError('seed', 'an empty list', 'at least one integer');
    key.map(checkSeed);
    const state = this.#state;
    this.#seed(19650218);
    let i = 1;
    let j = 0;
    const mix = (factor: number, added: number): void => {
      const previous = state[i - 1]!;
      state[i] = (state[i]! ^ Math.imul(previous ^ (previous >>> 30), factor)) + added;
      if (++i >= stateLength) {
        state[0] = state[stateLength - 1]!;
        i = 1;
      }
    };
    for (let k = Math.max(stateLength, key.length); k > 0; k--) {
      mix(1664525, key[j]! + j);
      j = (j + 1) % key.length;
    }
    for (let k = stateLength - 1; k > 0; k--) mix(1566083941, -i);
    state[0] = 0x80000000;
  }

  #generate(): void {
    const state = this.#state;
    for (let i = 0; i < stateLength; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % stateLength]! & 0x7fffffff);
      state[i] = state[(i + shift) % stateLength]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  uint32(): number {
    if (this.#position === stateLength) this.#generate();
    let y = this.#state[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  randomSample(): number {
    const a = this.uint32() >>> 5;
    const b = this.uint32() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  interval(max: number): number {
    if (!Number.isInteger(max) || max < 0 || max > 0xffffffff) {
      throw new BadArgumentError('interval', max, 'an integer from 0 to 2³² − 1');
    }
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.uint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  randint(low: number, high: number): number {
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high)) {
      throw new BadArgumentError('randint', `[${low}, ${high})`, 'integers with low < high');
    }
    return low + this.interval(high - 1 - low);
  }

  standardNormal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x1 = 2 * this.randomSample() - 1;
      const x2 = 2 * this.randomSample() - 1;
      const r2 = x1 * x1 + x2 * x2;
      if (r2 >= 1 || r2 === 0) continue;
      const f = Math.sqrt((-2 * Math.log(r2)) / r2);
      this.#spareNormal = f * x1;
      return f * x2;
    }
  }

  shuffle<T>(values: T[]): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.interval(i);
      const value = values[i]!;
      values[i] = values[j]!;
      values[j] = value;
    }
  }

  permutation(n: number): number[] {
    const values = Array.from({ length: n }, (_, i) => i);
    this.shuffle(values);
    return values;
  }

  choice(n: number, size: number): number[] {
    if (!(Number.isInteger(size) && size >= 0 && size <= n)) {
      throw new BadArgumentError('choice', `${size} of ${n}`, 'a size from 0 to n');
    }
    return this.permutation(n).slice(0, size);
  }
}

const checkSeed = (seed: number): number => {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new BadArgumentError('seed', seed, 'an integer from 0 to 2³² − 1');
  }
  return seed;
};
