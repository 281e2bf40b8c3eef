import type { KernelChange } from '../features/kernel-change.js';
import type { LinearizationError } from '../linearization/linearization-error.js';
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
 * Does the kernel solve the task? The statistic is the score of the kernel over that of fine-tuning.
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
 * linearizationFinding('SGD, full', 'accuracy', [{ zeroShot: 0.6, linearized: 0.74, tuned: 0.8 }]).verdict; // 'holds'
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
    'fine-tuning gains nothing over zero-shot, so there is no gain that the linearized model could recover',
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
 * @param seeds errors of the steps that were looked at, for each seed; undefined where a step changed nothing
 */
export const stepFinding = (subject: string, seeds: readonly (readonly LinearizationError[])[]): Finding => {
  const judged = judge(
    seeds.map((errors) => median(errors.flatMap(({ relative }) => relative ?? []))),
    half,
    'no step changed the outputs',
  );
  const all = seeds.flat();
  const largest = Math.max(...all.flatMap(({ relative }) => relative ?? []));
  const r2 = median(all.flatMap((error) => error.r2 ?? []));
  const beside = [
    ...(r2 === undefined ? [] : [`R² ${show(r2)} (median)`]),
    ...(largest > Number.NEGATIVE_INFINITY ? [`largest error ${show(largest)}`] : []),
    all.length === 1 ? 'one step' : `${all.length} steps`,
  ];
  return {
    condition: 'linearization of steps',
    subject,
    measure: 'relative error ‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖, median of the steps looked at',
    ...judged,
    definition: definitions.steps,
    note: [judged.note, beside.join(', ')].filter(Boolean).join('; '),
  };
};

/** One seed's kernel at θ_T against that at θ₀, and the same layer by layer where there are layers. */
export interface KernelChanges {
  readonly change: KernelChange;
  readonly layers?: Readonly<Record<string, KernelChange>>;
}

/** Are features fixed? It compares the kernel at θ_T with that at θ₀. */
export const featureFinding = (subject: string, all: readonly KernelChanges[]): Finding => {
  const seeds = all.map(({ change }) => change);
  const mean = (of: (change: KernelChange) => number) =>
    seeds.reduce((sum, change) => sum + of(change), 0) / seeds.length;
  const count = (of: (change: KernelChange) => number) => seeds.reduce((sum, change) => sum + of(change), 0);
  const [near, exact] = [count(({ nearZero }) => nearZero), count(({ zero }) => zero)];
  const judged = judge(
    seeds.map(({ elementwise }) => elementwise),
    { value: 2, side: 'below' },
  );
  const beside = [
    `median ${show(mean(({ median: m }) => m))}`,
    `Frobenius ${show(mean(({ frobenius }) => frobenius))}`,
    `cosine ${show(mean(({ cosine }) => cosine))}`,
    `centred alignment ${show(mean(({ centredAlignment }) => centredAlignment))}`,
    ...layerRange(all),
    ...(near > 0
      ? [
          `${near} of ${count(({ entries }) => entries)} entries of K(θ₀) near zero${exact > 0 ? `, ${exact} of them zero and left out` : ''}; with a floor under all ${show(mean(({ floored }) => floored))}`,
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

/** The layers whose kernels changed least and most, Frobenius. */
const layerRange = (seeds: readonly KernelChanges[]): string[] => {
  const names = Object.keys(seeds[0]?.layers ?? {});
  const changes = names
    .map((name): [string, number] => {
      const own = seeds.flatMap(({ layers }) => layers?.[name]?.frobenius ?? []);
      return [name, own.reduce((sum, x) => sum + x, 0) / own.length];
    })
    .sort(([, a], [, b]) => a - b);
  const [least, most] = [changes[0], changes.at(-1)];
  return least && most && least !== most
    ? [`Frobenius by layer from ${show(least[1])} (${least[0]}) to ${show(most[1])} (${most[0]})`]
    : [];
};

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? undefined : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};
