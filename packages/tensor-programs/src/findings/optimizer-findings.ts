import type { KernelChange } from '../features/kernel-change.js';
import { type GainScores, recoveredGain } from '../linearization/recovered-gain.js';
import { judge } from '../statistics/judge.js';
import type { Finding } from '../verdict.js';
import { definitions } from './definitions.js';

const show = (value: number): string => String(Number(value.toPrecision(3)));

const half = { value: 0.5, side: 'below' } as const;

/** Scores of one seed; larger is better. */
export interface SolveScores {
  readonly kernel: number;
  readonly tuned: number;
}

/**
 * Does the kernel solve the task? Score of the kernel over that of fine-tuning.
 *
 * @param subject e.g. `SGD kernel, SGD`
 * @param seeds one entry per seed
 */
export const solvesFinding = (subject: string, metric: string, seeds: readonly SolveScores[]): Finding => ({
  condition: 'solves',
  subject,
  measure: `${metric} of the kernel / of fine-tuning`,
  ...judge(
    seeds.map(({ kernel, tuned }) => (tuned > 0 ? kernel / tuned : undefined)),
    { value: 0.9, side: 'at least' },
    'fine-tuning scores 0',
  ),
  definition: definitions.solves,
});

/**
 * Does the linearized model have the gain of fine-tuning?
 *
 * @example
 * ```ts
 * linearizationFinding('SGD, full', 'accuracy', [{ zeroShot: 0.6, linearized: 0.74, tuned: 0.8 }]).verdict; // holds
 * ```
 */
export const linearizationFinding = (
  subject: string,
  metric: string,
  seeds: readonly GainScores[],
): Finding => {
  const judged = judge(
    seeds.map(recoveredGain),
    { value: 0.5, side: 'at least' },
    'fine-tuning gains nothing over zero-shot, so there is no gain to recover a part of',
  );
  const mean = (of: (scores: GainScores) => number) =>
    show(seeds.reduce((sum, scores) => sum + of(scores), 0) / seeds.length);
  const scores = `${metric}: zero-shot ${mean((one) => one.zeroShot)}, f_lin ${mean((one) => one.linearized)}, fine-tuned ${mean((one) => one.tuned)}`;
  return {
    condition: 'linearization',
    subject,
    measure: `part of the gain in ${metric} over zero-shot that f_lin has`,
    ...judged,
    definition: definitions.linearization,
    note: [judged.note, scores].filter(Boolean).join('; '),
  };
};

/**
 * Are single steps linear?
 *
 * @param seeds relative errors of the steps that were looked at, for each seed; undefined where a step changed nothing
 */
export const stepFinding = (
  subject: string,
  seeds: readonly (readonly (number | undefined)[])[],
): Finding => ({
  condition: 'linearization of steps',
  subject,
  measure: 'relative error ‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖, median of the steps looked at',
  ...judge(
    seeds.map((errors) => median(errors.filter((error) => error !== undefined))),
    half,
    'no step changed the outputs',
  ),
  definition: definitions.steps,
});

/** Are features fixed? By the kernel at θ_T against that at θ₀. */
export const featureFinding = (subject: string, seeds: readonly KernelChange[]): Finding => {
  const mean = (of: (change: KernelChange) => number) =>
    seeds.reduce((sum, change) => sum + of(change), 0) / seeds.length;
  const zeros = seeds.reduce((sum, { nearZero }) => sum + nearZero, 0);
  const judged = judge(
    seeds.map(({ elementwise }) => elementwise),
    { value: 2, side: 'below' },
  );
  const beside = [
    `median ${show(mean(({ median: m }) => m))}`,
    `Frobenius ${show(mean(({ frobenius }) => frobenius))}`,
    `cosine ${show(mean(({ cosine }) => cosine))}`,
    `centred alignment ${show(mean(({ centredAlignment }) => centredAlignment))}`,
    ...(zeros > 0
      ? [
          `${zeros} of ${seeds.reduce((sum, { entries }) => sum + entries, 0)} entries of K(θ₀) near zero; with a floor under them ${show(mean(({ floored }) => floored))}`,
        ]
      : []),
  ];
  return {
    condition: 'fixed features',
    subject,
    measure: 'mean elementwise relative distance of K(θ_T) from K(θ₀)',
    ...judged,
    definition: definitions.features,
    note: [judged.note, beside.join(', ')].filter(Boolean).join('; '),
  };
};

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? undefined : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};
