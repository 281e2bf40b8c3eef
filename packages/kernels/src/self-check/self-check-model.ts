import {
  BadArgumentError,
  type EncodedExample,
  type LongTaskOptions,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { Runtime, RuntimeInfo } from '@ntk-lens/engine';
import { DEFAULT_MEMORY, type LabelWordIds, type LanguageModel, weightBytesOf } from '@ntk-lens/models';
import { computeKernels } from '../compute-kernels.js';
import { SelfCheckMemoryError } from '../errors.js';
import { aSignGd } from '../formulas/a-sign-gd.js';
import type { KernelFormula } from '../formulas/formula.js';
import { sgd } from '../formulas/sgd.js';
import { signGd } from '../formulas/sign-gd.js';
import type { KernelRequest } from '../request/kernel-request.js';
import { checkDerivatives } from './check-derivatives.js';
import { type CheckSubject, checkPadding, type FormulaKernels } from './check-padding.js';
import { type CheckResult, judge, relativeDistance } from './check-result.js';
import { defaultExamples } from './default-examples.js';
import { ModelProbe } from './model-probe.js';

/** The model to check, and with what. */
export interface SelfCheckRequest extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Compute the kernels on this one too and compare. Without it that check is skipped. */
  readonly otherRuntime?: Runtime;
  /** Two or more examples as the model reads them, best of different lengths; default: three of random tokens. */
  readonly examples?: readonly EncodedExample[];
  /** Token ids of at least two label words; default: two random tokens. */
  readonly labelWordIds?: LabelWordIds;
  /** Chooses random tokens and directions. */
  readonly seed?: number;
  /** Budget in bytes for everything; default 4 GiB. */
  readonly memory?: number;
}

/** The result of a self-check. */
export interface SelfCheck {
  readonly verdict: 'pass' | 'fail';
  readonly runtime: RuntimeInfo;
  readonly otherRuntime?: RuntimeInfo;
  readonly checks: readonly CheckResult[];
}

/** Bytes of a process with its libraries, compiled programs and the examples. */
const WORK_BYTES = 512 * 2 ** 20;

/** Bytes that a self-check takes: weights, a gradient, and the direction along which weights move. */
const selfCheckBytes = (model: LanguageModel, labelWordIds: LabelWordIds): number =>
  3 * weightBytesOf(model, model.stages(labelWordIds)) + WORK_BYTES;

/** Between them they use every way to compute a kernel; plain gradients come first. */
const formulas = [sgd, signGd, aSignGd] as const;

/** Between two runtimes: float32 rounding; signs of gradients near zero may differ as well. */
const runtimeThreshold = ({ train, query }: KernelFormula): number =>
  train.linear && query.linear ? 1e-4 : 2e-3;

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
 * @throws BadArgumentError for fewer than two examples or label words; SelfCheckMemoryError, before any work
 * @throws CancelledError, and what `computeKernels` throws for NaN, infinity or zero gradients
 */
export const selfCheckModel = async (request: SelfCheckRequest): Promise<SelfCheck> => {
  const { model, runtime, otherRuntime, seed = 0, memory = DEFAULT_MEMORY, signal, onProgress } = request;
  const random = defaultExamples(model, seed);
  const { examples = random.examples, labelWordIds = random.labelWordIds } = request;
  if (examples.length < 2) throw new BadArgumentError('examples', examples.length, 'two or more');
  if (new Set(labelWordIds.map(String)).size < 2)
    throw new BadArgumentError('labelWordIds', labelWordIds.join(', '), 'two different ids or more');
  const needed = selfCheckBytes(model, labelWordIds);
  if (needed > memory) throw new SelfCheckMemoryError(memory, needed);
  const steps = ['kernels', 'padding', 'derivatives', 'runtimes'];
  const report = (done: number) => {
    throwIfCancelled(signal, 'The self-check');
    onProgress?.({ phase: 'self-check', done, total: steps.length, unit: 'steps', detail: steps[done]! });
  };

  const common = { model, labelWordIds, train: examples, queries: {}, memory, signal };
  const kernelsOn = async (chosen: Runtime): Promise<CheckSubject['kernels']> => {
    const one = async (formula: KernelFormula): Promise<FormulaKernels> => {
      const about = `${formula.name} on ${chosen.info.runtime}`;
      const request: KernelRequest = {
        ...{ ...common, runtime: chosen, formula },
        onProgress: onProgress && ((event) => onProgress({ ...event, phase: `${about}, ${event.phase}` })),
      };
      return { formula, kernels: await computeKernels(request) };
    };
    const [plain, ...others] = formulas;
    const first = await one(plain);
    const rest: FormulaKernels[] = [];
    for (const formula of others) rest.push(await one(formula));
    return [first, ...rest];
  };

  report(0);
  const kernels = await kernelsOn(runtime);
  const checks: CheckResult[] = [];
  const probe = await ModelProbe.open(runtime, model, labelWordIds, { signal });
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
    otherRuntime: otherRuntime?.info,
    checks,
  };
};

const compareRuntimes = (
  kernels: CheckSubject['kernels'],
  others: CheckSubject['kernels'] | undefined,
  info: RuntimeInfo,
  otherInfo: RuntimeInfo | undefined,
): CheckResult[] => {
  const names = `${info.runtime} and ${otherInfo?.runtime ?? 'another runtime'}`;
  const compare = (
    what: string,
    threshold: number,
    own: ArrayLike<number>,
    other: ArrayLike<number> | undefined,
  ): CheckResult => {
    const check = { name: `runtimes: ${what}`, compares: `${what} on ${names}`, threshold };
    return other
      ? judge({ ...check, detail: 'relative Frobenius distance' }, relativeDistance(other, own))
      : { ...check, verdict: 'skipped', detail: 'no second runtime was given' };
  };
  const logitsOf = (all: CheckSubject['kernels']) => all[0].kernels.train.logits.data;
  return [
    compare('logits', 1e-4, logitsOf(kernels), others && logitsOf(others)),
    ...kernels.map(({ formula, kernels: own }, i) =>
      compare(
        `${formula.name} kernel`,
        runtimeThreshold(formula),
        own.train.kernel.data,
        others?.[i]?.kernels.train.kernel.data,
      ),
    ),
  ];
};
