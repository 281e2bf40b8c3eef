import type { PowerLaw } from '../statistics/power-law.js';
import type { Finding } from '../verdict.js';
import type { RungChi } from './rung-measurement.js';
import { fitOverWidths, slopeFinding } from './slope-finding.js';

/** Is the task natural? The law of mean |χ| in the width, where one can be fitted, and the verdict on it. */
export const naturalOverWidths = (
  rungs: readonly Pick<RungChi, 'width' | 'chi'>[],
): { readonly law?: PowerLaw; readonly finding: Finding } => {
  const found = fitOverWidths(rungs, ({ chi }) => chi);
  const finding = slopeFinding(
    {
      condition: 'natural task',
      subject: 'widths',
      measure: 'exponent of mean |χ| before any step',
      definition: 'χ(ξ, y, fⁿ) → 0 as width n → ∞ (docs/theory.md, Definitions)',
    },
    found,
  );
  return { law: 'law' in found ? found.law : undefined, finding };
};
