import { fitPairs } from '../statistics/paired-law.js';
import type { PowerLaw } from '../statistics/power-law.js';
import type { Finding } from '../verdict.js';
import { naturalOverWidths } from './natural-over-widths.js';
import type { RungMeasurement } from './rung-measurement.js';
import { fitOverWidths, LEAST_R2, slopeFinding } from './slope-finding.js';
import { type LadderStepKind, ladderStepKinds, ladderSteps } from './step-kinds.js';

/** Exponents of width; absent where they cannot be fitted. */
export interface LadderExponents {
  readonly chi?: PowerLaw;
  readonly linearization: Readonly<Partial<Record<LadderStepKind, PowerLaw>>>;
  readonly absoluteError: Readonly<Partial<Record<LadderStepKind, PowerLaw>>>;
  readonly kernelChange: Readonly<Partial<Record<LadderStepKind, PowerLaw>>>;
  /** Exponents of mean |χ| instead of width, over all models. */
  readonly inChi: Readonly<Partial<Record<LadderStepKind, ChiExponents>>>;
}

export interface ChiExponents {
  readonly linearization: PowerLaw;
  readonly kernelChange: PowerLaw;
}

const kinds = Object.fromEntries(
  Object.entries(ladderSteps).map(([kind, { title }]) => [kind, title]),
) as Readonly<Record<LadderStepKind, string>>;

const THEOREM = 'prompted fine-tuning theorem (docs/theory.md, Statements)';
/** Fewer models are no sample of |χ|. */
const LEAST_MODELS = 6;

/** Does what is left of linearity go with |χ|, model by model, whatever its width? */
const chiFinding = (
  base: Pick<Finding, 'condition' | 'subject' | 'measure'>,
  law: PowerLaw | undefined,
): Finding => {
  const whole = {
    ...base,
    threshold: `exponent of |χ| > 0, R² ≥ ${LEAST_R2}`,
    definition:
      'Δf = −ηχK + O((ηχ)²) for SGD; the step of SignGD does not shrink with χ (docs/theory.md, Two layers)',
  };
  if (!law)
    return {
      ...whole,
      verdict: 'cannot tell',
      note: `needs three widths, ${LEAST_MODELS} models and sizes above zero`,
    };
  const { slope: statistic, interval, r2 } = law;
  const follows = interval[0] > 0 && r2 >= LEAST_R2;
  const verdict = follows ? 'holds' : interval[1] <= 0 ? 'fails' : 'cannot tell';
  return { ...whole, verdict, statistic, interval, note: `over models: R² ${r2.toFixed(2)}` };
};

const chiLaw = (
  rungs: readonly RungMeasurement[],
  of: (rung: RungMeasurement) => number,
): PowerLaw | undefined => {
  const pairs = rungs.map((rung) => ({ x: rung.chi, y: of(rung) }));
  const whole = pairs.every(({ x, y }) => x > 0 && x < Infinity && y > 0 && y < Infinity);
  const varied = [rungs.map(({ width }) => width), pairs.map(({ x }) => x)].every(
    (values) => new Set(values).size >= 3,
  );
  return whole && varied && rungs.length >= LEAST_MODELS ? fitPairs(pairs) : undefined;
};

/** Premise and conclusions together. */
const theoremFinding = (kind: LadderStepKind, premise: Finding, conclusions: readonly Finding[]): Finding => {
  const base = {
    condition: 'theorem',
    subject: kinds[kind],
    measure: 'premise (|χ| falls) and conclusions (linearization error and kernel change fall)',
    threshold: 'all three fall',
    definition: THEOREM,
  };
  const verdicts = conclusions.map(({ verdict }) => verdict);
  const seen = verdicts.every((verdict) => verdict === 'holds');
  if (!ladderSteps[kind].covered) {
    return {
      ...base,
      verdict: seen ? 'holds' : verdicts.includes('fails') ? 'fails' : 'cannot tell',
      note: 'no theorem covers it: the step does not shrink with χ, so the conclusions need not be seen',
    };
  }
  if (premise.verdict !== 'holds') {
    const also = seen ? '; the conclusions are seen all the same' : '';
    return {
      ...base,
      verdict: 'cannot tell',
      note: `the premise is not seen: χ → 0 ${premise.verdict}${also}`,
    };
  }
  if (seen) return { ...base, verdict: 'holds', note: 'premise and conclusions are seen' };
  const verdict = verdicts.includes('fails') ? 'fails' : 'cannot tell';
  const which = conclusions.filter((c) => c.verdict !== 'holds').map((c) => `${c.condition} ${c.verdict}`);
  return { ...base, verdict, note: `the premise is seen, but ${which.join(', ')}` };
};

/** Verdicts on a measured ladder; see `checkLadder`. */
export const ladderFindings = (
  rungs: readonly RungMeasurement[],
): { readonly exponents: LadderExponents; readonly findings: readonly Finding[] } => {
  const laws = (of: (rung: RungMeasurement, kind: LadderStepKind) => number) =>
    Object.fromEntries(
      (Object.keys(kinds) as LadderStepKind[]).flatMap((kind) => {
        const found = fitOverWidths(rungs, (rung) => of(rung, kind));
        return 'law' in found ? [[kind, found.law] as const] : [];
      }),
    );
  const { law: chi, finding: natural } = naturalOverWidths(rungs);
  const findings: Finding[] = [natural];
  for (const kind of Object.keys(kinds) as LadderStepKind[]) {
    const linear = slopeFinding(
      {
        condition: 'linearization',
        subject: kinds[kind],
        measure: 'exponent of ‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖',
        definition: 'f(ξ; θ_t) − f(ξ; θ₀) ≈ ⟨∇f(ξ; θ₀), θ_t − θ₀⟩ as width → ∞ (docs/theory.md, Definitions)',
      },
      fitOverWidths(rungs, (rung) => rung.steps[kind].relativeError),
    );
    const fixed = slopeFinding(
      {
        condition: 'fixed features',
        subject: kinds[kind],
        measure: 'exponent of ‖K_t − K₀‖ / ‖K₀‖',
        definition: '∇f(ξ; θ_t) ≈ ∇f(ξ; θ₀) as width → ∞ (docs/theory.md, Definitions)',
      },
      fitOverWidths(rungs, (rung) => rung.steps[kind].kernelChange),
    );
    findings.push(linear, fixed, theoremFinding(kind, natural, [linear, fixed]));
  }
  const inChi: Partial<Record<LadderStepKind, ChiExponents>> = {};
  for (const kind of ladderStepKinds.filter((each) => ladderSteps[each].againstChi)) {
    const linearization = chiLaw(rungs, (rung) => rung.steps[kind].relativeError);
    const kernel = chiLaw(rungs, (rung) => rung.steps[kind].kernelChange);
    if (linearization && kernel) inChi[kind] = { linearization, kernelChange: kernel };
    const subject = `${kinds[kind]}, against |χ|`;
    findings.push(
      chiFinding(
        { condition: 'linearization', subject, measure: 'exponent of ‖Δf − ⟨∇f, Δθ⟩‖ / ‖Δf‖' },
        linearization,
      ),
      chiFinding({ condition: 'fixed features', subject, measure: 'exponent of ‖K_t − K₀‖ / ‖K₀‖' }, kernel),
    );
  }
  return {
    exponents: {
      chi,
      linearization: laws((rung, kind) => rung.steps[kind].relativeError),
      absoluteError: laws((rung, kind) => rung.steps[kind].absoluteError),
      kernelChange: laws((rung, kind) => rung.steps[kind].kernelChange),
      inChi,
    },
    findings,
  };
};
