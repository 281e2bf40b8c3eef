/**
 * A source of random numbers. Everything random in NTK Lens takes one, or a seed from which it makes one
 * ({@link Mt19937}), so that a result can be had again.
 */
export interface Random {
  /** Uniform integer in [0, 2³²). */
  uint32(): number;
  /** Uniform number in [0, 1) with 53 random bits. */
  randomSample(): number;
  /** Uniform integer in [0, max], both included; `max` < 2³². */
  interval(max: number): number;
  /** Uniform integer in [low, high): `low` included, `high` not. */
  randint(low: number, high: number): number;
  /** Normal number with mean 0 and variance 1. */
  standardNormal(): number;
  /** Shuffles in place. */
  shuffle<T>(values: T[]): void;
  /** The numbers 0 … n−1 in random order. */
  permutation(n: number): number[];
  /** `size` different numbers out of 0 … n−1, in random order. */
  choice(n: number, size: number): number[];
}
