import { ConflictingOptionsError, type LongTaskOptions } from '@ntk-lens/core';
import {
  gemmRate,
  type MachineProfile,
  type MachineRates,
  type Runtime,
  secondsOfWork,
} from '@ntk-lens/engine';
import {
  explainKernels,
  type KernelPlan,
  type OperatorPlan,
  explainOperators as planOfOperators,
  type WorkPart,
} from '@ntk-lens/kernels';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { planOperators, recordOf } from './kernel-request.js';
import { planStored } from './store-kernel.js';

/** The runtime of work that is planned, and the rates by which its time is forecast. */
export interface ForecastRates {
  readonly runtime: RuntimeRecord;
  /** The profile by which the plan is made. */
  readonly profile: MachineProfile;
  /** The rates of the forecast: the profile's, where it was measured; else products are as fast as this runtime multiplied when it was first asked. */
  readonly rates: MachineRates;
}

/** The plan of a kernel computation, with its forecast. */
export interface ExplainedKernel extends ForecastRates {
  readonly plan: KernelPlan;
  /** Forecast of the kernel alone, in all and by parts of the work, without the time to load weights. */
  readonly seconds: number;
  readonly parts: Readonly<Record<WorkPart, number>>;
}

/** The plan of products with a kernel, with their forecast. */
export interface ExplainedOperators extends ForecastRates {
  readonly plan: OperatorPlan;
  /** Forecast of a product with one vector. */
  readonly seconds: number;
  /** Forecast for each of several vectors that are multiplied together. */
  readonly secondsTogether: number;
}

/** `lens.explainMatrixFree`: the plan of products with the kernel, and their cost. */
export const explainOperators = async (
  session: Session,
  task: LensTask,
  options: KernelChoice & LongTaskOptions = {},
): Promise<ExplainedOperators> => {
  const { signal, onProgress: _, ...asked } = options;
  const { request } = await planOperators(session, task, asked);
  const plan = planOfOperators(request);
  const runtime = await session.shared.open();
  const profile = await session.platform.machineProfile(runtime.info, session.profile);
  const rates = await ratesOf(profile, runtime, signal);
  return {
    ...{ plan, runtime: recordOf(runtime), profile, rates },
    seconds: secondsOfWork(plan.single, rates),
    secondsTogether: secondsOfWork(plan.together, rates) / plan.vectors,
  };
};

/** `lens.explain`: the plan of a kernel, and its cost. */
export const explainKernel = async (
  session: Session,
  task: LensTask,
  options: KernelChoice & LongTaskOptions = {},
): Promise<ExplainedKernel> => {
  const { signal, onProgress: _, ...asked } = options;
  const { request, choice } = await planStored(session, task, asked);
  if (request.projection)
    throw new ConflictingOptionsError(
      `There is no plan for the kernel of ${choice.space.spec}, which projects gradients.`,
      'Explain the kernel of another space, or compute this one.',
    );
  const runtime = await session.shared.open();
  const profile = await session.platform.machineProfile(runtime.info, session.profile);
  const plan = explainKernels({ ...request, rates: profile.rates }, session.traced);
  const rates = await ratesOf(profile, runtime, signal);
  const parts = Object.fromEntries(
    Object.entries(plan.work).map(([part, work]) => [part, secondsOfWork(work, rates)]),
  ) as Record<WorkPart, number>;
  const seconds = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { plan, runtime: recordOf(runtime), profile, rates, seconds, parts };
};

/** Rates of products in FLOP/s, measured once for each runtime. */
const productRates = new WeakMap<Runtime, number>();

const productRate = async (runtime: Runtime, signal: AbortSignal | undefined): Promise<number> => {
  const rate = productRates.get(runtime) ?? 1e9 * (await gemmRate(runtime, { signal }));
  productRates.set(runtime, rate);
  return rate;
};

/** Rates of a machine that was not measured are those of the table, with products that are measured now. */
const ratesOf = async (
  { source, rates }: MachineProfile,
  runtime: Runtime,
  signal: AbortSignal | undefined,
): Promise<MachineRates> => {
  if (source === 'measured') return rates;
  const scale = (await productRate(runtime, signal)) / rates.products;
  return {
    ...rates,
    products: scale * rates.products,
    thinProducts: scale * rates.thinProducts,
    integerProducts: scale * rates.integerProducts,
  };
};
