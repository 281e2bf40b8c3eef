import type { EncodedExample } from '@ntk-lens/core';
import { partKey, usedSize } from '@ntk-lens/models';
import type { PassVectors } from '../derivatives/plan-groups.js';
import { allActive } from '../factors/active-parameters.js';
import { ifItFits } from '../plan/plan-weights.js';
import type { CheckedRequest } from '../request/check-request.js';
import { gradientForm } from '../sites/index.js';

/**
 * Vectors that are multiplied together. With more, forward passes would be a small part of the work already; and there is a
 * program for each of these numbers.
 */
const WIDTHS = [8, 4, 2] as const;

/** Numbers of a vector in parameter space, parameter by parameter. */
const sizesOf = ({ active, words }: Pick<CheckedRequest, 'active' | 'words'>): number[] => {
  const own = new Map(active.flatMap(allActive).map((one) => [partKey(one.ref), one]));
  return [...own.values()].map((one) =>
    gradientForm(one) === 'rows' ? words.size * (one.ref.shape[1] ?? 1) : usedSize(one.ref),
  );
};

/** Numbers of a vector in parameter space that can be other than zero. */
export const vectorSize = (checked: Pick<CheckedRequest, 'active' | 'words'>): number =>
  sizesOf(checked).reduce((sum, size) => sum + size, 0);

/** Bytes of such a vector as it is summed up, float64, and of its largest parameter as it is read. */
export const vectorBytes = (checked: Pick<CheckedRequest, 'active' | 'words'>): number =>
  8 * vectorSize(checked) + 4 * Math.max(...sizesOf(checked));

/** The two sides of a product J_to J_fromᵀ. */
export interface PanelSides {
  readonly from: readonly EncodedExample[];
  readonly to: readonly EncodedExample[];
  /** C. */
  readonly outputs: number;
  /** Bytes of a vector in parameter space. */
  readonly bytes: number;
}

/**
 * The number of vectors that a product takes at once: as many as there are, and as the memory holds.
 *
 * @param plan plans a pass
 * @param wanted vectors that there are
 * @throws MemoryBudgetError where one alone does not fit
 */
export const panelWidth = (
  plan: (examples: readonly EncodedExample[], vectors: PassVectors) => unknown,
  { from, to, outputs, bytes }: PanelSides,
  wanted: number,
): number => {
  const planned = (width: number): number => {
    const held = width * bytes;
    plan(from, { cotangents: width, directions: 0, held });
    plan(to, { cotangents: outputs, directions: width, held });
    return width;
  };
  for (const width of WIDTHS.filter((one) => one <= wanted)) {
    const fits = ifItFits(() => planned(width));
    if (fits !== undefined) return fits;
  }
  return planned(1);
};
