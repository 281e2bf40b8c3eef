import type { Readouts } from '@ntk-lens/models';

/** In binary mode one output, logit₁ − logit₀; else one per label (docs/theory.md, Binary mode). */
export const readoutsOf = (labels: number, binary: boolean): Readouts =>
  binary
    ? [[-1, 1]]
    : Array.from({ length: labels }, (_, i) => Array.from({ length: labels }, (_, j) => (i === j ? 1 : 0)));
