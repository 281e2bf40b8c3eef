import type { EarlyAdam } from '../sign-gd/early-adam.js';
import type { KernelAnalogue } from '../sign-gd/kernel-analogue.js';
import { judge } from '../statistics/judge.js';
import type { Finding } from '../verdict.js';
import { definitions } from './definitions.js';

const atLeastHalf = { value: 0.5, side: 'at least' } as const;

/** Is early Adam SignGD? Step by step, and as a path from θ₀. */
export const earlyAdamFindings = (subject: string, seeds: readonly EarlyAdam[]): Finding[] => {
  const count = seeds[0]?.steps.length ?? 0;
  const first = seeds.map(({ steps }) => steps[0]?.toFixed(2)).join(', ');
  const last = seeds.map(({ steps }) => steps.at(-1)?.toFixed(2)).join(', ');
  const steps = judge(
    seeds.map((early) => early.steps.reduce((sum, x) => sum + x, 0) / count),
    atLeastHalf,
  );
  const path = judge(
    seeds.map(({ trajectory }) => trajectory),
    atLeastHalf,
  );
  const outputs = seeds.flatMap((early) => early.outputs.relative?.toFixed(2) ?? []).join(', ');
  return [
    {
      condition: 'early Adam is SignGD',
      subject,
      measure: `cosine of Adam’s step with the sign step, mean of the first ${count} steps`,
      ...steps,
      definition: definitions.early,
      note: [steps.note, `first step ${first}, last ${last}`].filter(Boolean).join('; '),
    },
    {
      condition: 'early Adam follows SignGD',
      subject,
      measure: `cosine of their displacements from θ₀ after ${count} steps`,
      ...path,
      definition: definitions.earlyPath,
      note: [path.note, outputs && `outputs: ‖Δf of Adam − Δf of SignGD‖ / ‖Δf of Adam‖ ${outputs}`]
        .filter(Boolean)
        .join('; '),
    },
  ];
};

/**
 * Is the A-SignGD kernel what single steps do?
 *
 * @param seeds measurements of one optimizer, one entry per seed; none if the task has not two labels
 */
export const analogueFinding = (subject: string, seeds: readonly KernelAnalogue[]): Finding => {
  const judged = judge(
    seeds.map(({ whole }) => whole.relative),
    { value: 0.5, side: 'below' },
    seeds.length > 0
      ? 'no step changed the outputs'
      : 'defined for one output: the sign of a sum of gradients of several labels is no kernel',
  );
  const list = (of: (one: KernelAnalogue) => number | undefined) =>
    seeds.flatMap((one) => of(one)?.toFixed(2) ?? []).join(', ');
  const beside = `R² ${list(({ whole }) => whole.r2)}, error of the first step ${list(({ steps }) => steps[0]?.relative)}`;
  const note = [judged.note, seeds.length > 0 ? beside : ''].filter(Boolean).join('; ');
  return {
    condition: 'A-SignGD kernel analogue',
    subject,
    measure: `relative error of −η sign(χ) K over the first ${seeds[0]?.steps.length ?? 0} steps`,
    ...judged,
    definition: definitions.analogue,
    note,
  };
};
