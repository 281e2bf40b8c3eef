import { type FormulaName, formulaOf } from '@ntk-lens/kernels/formulas';
import type { NamedOptimizer } from '@ntk-lens/subspace';
import {
  analogueFinding,
  type ChiSample,
  earlyAdamFindings,
  type Finding,
  featureFinding,
  type KernelAnalogue,
  linearizationFinding,
  naturalFinding,
  solvesFinding,
  stepFinding,
  type Verdict,
} from '@ntk-lens/tensor-programs';
import type { NaturalMeasurement, OptimizerMeasurement } from './check.js';
import type { ResolvedCheck } from './resolve-check.js';

const kernelName = (formula: FormulaName): string => `${formulaOf(formula).title} kernel`;

/** The verdicts that measurements give, in the order of the paper's conditions. */
export const findingsOf = ({
  optimizers: measured,
  natural,
  metric,
  check: { settings, trainings },
}: {
  readonly optimizers: readonly OptimizerMeasurement[];
  readonly natural: readonly NaturalMeasurement[];
  readonly metric: string;
  readonly check: ResolvedCheck;
}): Finding[] => {
  const groups = trainings.map(({ optimizer }) => ({
    optimizer,
    name: `${optimizer.title}, ${settings.space}`,
    seeds: measured.filter((one) => one.optimizer === optimizer.name),
  }));
  return [
    ...groups.flatMap(({ name, seeds }) =>
      (seeds[0]?.kernels ?? []).map(({ formula, solver }, k) =>
        solvesFinding(
          `${name}: ${kernelName(formula)} (${solver})`,
          metric,
          seeds.map(({ kernels, end }) => ({ kernel: kernels[k]!.test, tuned: end.tuned })),
        ),
      ),
    ),
    ...groups.map(({ name, seeds }) =>
      linearizationFinding(
        name,
        metric,
        seeds.map(({ end }) => end),
      ),
    ),
    ...groups.map(({ name, seeds }) =>
      stepFinding(
        name,
        seeds.map(({ steps }) => steps.map(({ error }) => error)),
      ),
    ),
    ...groups.map(({ name, seeds }) =>
      featureFinding(
        `${name}: ${kernelName(seeds[0]!.features.formula)}`,
        seeds.map(({ features }) => features.points.at(-1)!),
      ),
    ),
    ...groups.flatMap(({ optimizer, name, seeds }) => signFindings(optimizer, name, seeds)),
    naturalFindingOf(natural),
  ];
};

/** From the worst verdict to the best. */
const order: readonly Verdict[] = ['fails', 'cannot tell', 'holds'];

/** The worst verdict on every condition. */
export const verdictsOf = (findings: readonly Finding[]): Record<string, Verdict> => {
  const verdicts: Record<string, Verdict> = {};
  for (const { condition, verdict } of findings) {
    const before = verdicts[condition] ?? verdict;
    verdicts[condition] = order.indexOf(verdict) < order.indexOf(before) ? verdict : before;
  }
  return verdicts;
};

const signFindings = (
  { name: own, startsAs }: NamedOptimizer,
  name: string,
  seeds: readonly OptimizerMeasurement[],
): Finding[] => {
  const early = seeds.flatMap((one) => one.early ?? []);
  if (!startsAs || early.length === 0) return [];
  const of = (optimizer: KernelAnalogue['optimizer']) =>
    seeds.flatMap(({ analogues = [] }) => analogues.filter((one) => one.optimizer === optimizer));
  return [
    ...earlyAdamFindings(name, early),
    analogueFinding(startsAs.title, of(startsAs.name)),
    analogueFinding(name, of(own)),
  ];
};

/** Test examples are the same for all seeds where the task has one test set; else they are put side by side. */
const naturalFindingOf = (seeds: readonly NaturalMeasurement[]): Finding => {
  const sample = (name: string): ChiSample => ({
    name,
    sizes: overSeeds(seeds.map(({ test }) => test[name]!)),
  });
  const [prompt, ...others] = Object.keys(seeds[0]!.test).map(sample);
  return naturalFinding(prompt!, others);
};

const overSeeds = (rows: readonly (readonly number[])[]): readonly number[] => {
  const [first] = rows;
  if (!rows.every((row) => row.length === first!.length)) return rows.flat();
  return first!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
};
