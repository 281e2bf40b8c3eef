import {
  BadArgumentError,
  type EncodedExample,
  type Formula,
  type LongTaskOptions,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { Runtime, RuntimeInfo } from '@ntk-lens/engine';
import type { LanguageModel } from '@ntk-lens/models';
import { computeKernels } from '../compute-kernels.js';
import type { Kernels } from '../kernel-request.js';
import { checkDerivatives } from './check-derivatives.js';
import { checkPadding } from './check-padding.js';
import { type CheckResult, judge, relativeDistance } from './check-result.js';
import { defaultExamples } from './default-examples.js';
import { ModelProbe } from './model-probe.js';

/** What to check. */
export interface SelfCheckRequest extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Compute the kernels on this one too and compare. Without it that check is skipped. */
  readonly otherRuntime?: Runtime;
  /** Two or more examples as the model reads them, best of different lengths; default: three of random tokens. */
  readonly examples?: readonly EncodedExample[];
  /** Token ids of at least two label words; default: two random tokens. */
  readonly labelWordIds?: readonly number[];
  /** Chooses random tokens and directions. */
  readonly seed?: number;
}

/** What a self-check found. */
export interface SelfCheck {
  readonly verdict: 'pass' | 'fail';
  readonly runtime: RuntimeInfo;
  readonly otherRuntime?: RuntimeInfo;
  readonly checks: readonly CheckResult[];
}

const formulas: readonly Formula[] = ['sgd', 'signgd', 'a-signgd'];

// Between two runtimes: float32 rounding; signs of gradients near zero may differ as well.
const RUNTIME_THRESHOLDS: Readonly<Record<Formula, number>> = { sgd: 1e-4, signgd: 2e-3, 'a-signgd': 2e-3 };

/**
 * Checks a model's numbers on this machine against themselves: one example alone, padded and in a batch;
 * gradients and kernels against finite differences; two runtimes against each other. The model needs no task
 * and no reference. A failed check means that kernels of this model cannot be trusted here.
 *
 * @example
 * ```ts
 * const { verdict, checks } = await selfCheckModel({ model, runtime, seed: 1 });
 * for (const { name, verdict, statistic, threshold } of checks) console.log(name, verdict, statistic, threshold);
 * ```
 * @param request model, runtime, and what to vary
 * @returns one result per check, in a fixed order; a failed check does not throw
 * @throws BadArgumentError for fewer than two examples or label words
 * @throws CancelledError, and what `computeKernels` throws for NaN, infinity or zero gradients
 */
export const selfCheckModel = async (request: SelfCheckRequest): Promise<SelfCheck> => {
  const { model, runtime, otherRuntime, seed = 0, signal, onProgress } = request;
  const random = defaultExamples(model, seed);
  const { examples = random.examples, labelWordIds = random.labelWordIds } = request;
  if (examples.length < 2) throw new BadArgumentError('examples', examples.length, 'two or more');
  if (new Set(labelWordIds).size < 2)
    throw new BadArgumentError('labelWordIds', labelWordIds.join(', '), 'two different ids or more');
  const steps = ['kernels', 'padding', 'derivatives', 'runtimes'];
  const report = (done: number) => {
    throwIfCancelled(signal, 'The self-check');
    onProgress?.({ phase: 'self-check', done, total: steps.length, unit: 'steps', detail: steps[done]! });
  };

  const kernelsOn = async (chosen: Runtime): Promise<Record<Formula, Kernels>> => {
    const found: Partial<Record<Formula, Kernels>> = {};
    for (const formula of formulas) {
      found[formula] = await computeKernels({
        model,
        runtime: chosen,
        formula,
        labelWordIds,
        train: examples,
        queries: {},
        ...(signal && { signal }),
      });
    }
    return found as Record<Formula, Kernels>;
  };

  report(0);
  const kernels = await kernelsOn(runtime);
  const checks: CheckResult[] = [];
  const probe = await ModelProbe.open(runtime, model, labelWordIds, { ...(signal && { signal }) });
  try {
    const subject = { probe, examples, outputs: labelWordIds.length, kernels, seed };
    report(1);
    checks.push(...(await checkPadding(subject, model.config.maxTokens)));
    report(2);
    checks.push(...(await checkDerivatives(subject)));
  } finally {
    await probe.close();
  }
  report(3);
  const others = otherRuntime && (await kernelsOn(otherRuntime));
  checks.push(...compareRuntimes(kernels, others, runtime.info, otherRuntime?.info));
  return {
    verdict: checks.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass',
    runtime: runtime.info,
    ...(otherRuntime && { otherRuntime: otherRuntime.info }),
    checks,
  };
};

const compareRuntimes = (
  kernels: Readonly<Record<Formula, Kernels>>,
  others: Readonly<Record<Formula, Kernels>> | undefined,
  info: RuntimeInfo,
  otherInfo: RuntimeInfo | undefined,
): CheckResult[] => {
  const names = `${info.runtime} and ${otherInfo?.runtime ?? 'another runtime'}`;
  const compare = (
    what: string,
    threshold: number,
    of: (all: Readonly<Record<Formula, Kernels>>) => ArrayLike<number>,
  ): CheckResult => {
    const check = { name: `runtimes: ${what}`, compares: `${what} on ${names}`, threshold };
    return others
      ? judge({ ...check, detail: 'relative Frobenius distance' }, relativeDistance(of(others), of(kernels)))
      : { ...check, verdict: 'skipped', detail: 'no second runtime was given' };
  };
  return [
    compare('logits', 1e-4, (all) => all.sgd.train.logits.data),
    ...formulas.map((formula) =>
      compare(`${formula} kernel`, RUNTIME_THRESHOLDS[formula], (all) => all[formula].train.kernel.data),
    ),
  ];
};
