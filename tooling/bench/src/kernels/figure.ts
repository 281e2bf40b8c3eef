import type { BenchRuns } from './bench-runs.js';
import type { Sizes } from './sizes.js';

/** One line of the table. */
export interface Figure {
  readonly section: string;
  readonly what: string;
  readonly size: string;
  readonly found: string;
  /** The target for `found`; a figure without one is only printed. */
  readonly target?: string;
  readonly met?: boolean;
  readonly details: string;
}

export interface Inputs {
  /** 20–60 tokens. */
  readonly short: string;
  /** Twice as long. */
  readonly long: string;
}

export type Section = (runs: BenchRuns, sizes: Sizes, inputs: Inputs) => AsyncGenerator<Figure>;

/** All values, where there are several. */
export const allOf = (values: readonly number[]): string =>
  values.length > 1
    ? `median of ${values
        .toSorted((a, b) => a - b)
        .map((value) => value.toFixed(2))
        .join(', ')}; `
    : '';
