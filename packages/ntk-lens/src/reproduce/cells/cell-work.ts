import { ConflictingOptionsError, isError } from '@ntk-lens/core';
import type { KernelChoice, Lens, LensTask } from '@ntk-lens/lens';

/** Counted work, and a forecast of its time. */
export interface CellWork {
  /** Forecast of the time. */
  readonly seconds: number;
  /** FLOPs, of which forward passes and kernels are counted program by program. */
  readonly flops: number;
  /** Bytes of the arrays that are kept. */
  readonly bytes: number;
  /** Estimated peak of memory. */
  readonly peakBytes: number;
}

/** The work of a kernel. */
export interface KernelWork extends CellWork {
  /** A forward pass of one example. */
  readonly forward: Pick<CellWork, 'seconds' | 'flops'>;
}

/** The part of a session by which work is counted. */
export interface Forecaster extends Pick<Lens, 'model'> {
  kernelWork(task: LensTask, choice: KernelChoice): Promise<KernelWork>;
}

export const noWork: CellWork = { seconds: 0, flops: 0, bytes: 0, peakBytes: 0 };

/** Sum of pieces of work, one after the other; their memory does not add up. */
export const workTogether = (pieces: readonly CellWork[]): CellWork =>
  pieces.reduce(
    (all, one) => ({
      seconds: all.seconds + one.seconds,
      flops: all.flops + one.flops,
      bytes: all.bytes + one.bytes,
      peakBytes: Math.max(all.peakBytes, one.peakBytes),
    }),
    noWork,
  );

/** So many times the same work, which need not be an integer. */
export const workTimes = ({ seconds, flops, bytes, peakBytes }: CellWork, times: number): CellWork => ({
  ...{ seconds: times * seconds, flops: times * flops, bytes: times * bytes, peakBytes },
});

/** Counts the kernels of a session by their plans. */
export const forecaster = ({ model, explain }: Pick<Lens, 'model' | 'explain'>): Forecaster => ({
  model,
  kernelWork: async (task, choice) => {
    const { plan, parts, seconds } = await explain(task, choice);
    const { examples, forward, factors, kept } = plan;
    // Examples that run in several sweeps are one example.
    const once = 1 - kept.tileFlops / Math.max(1, forward.flops + factors.flops);
    const share = once / Math.max(1, examples.train + examples.queries);
    return {
      ...{ seconds, flops: plan.totalFlops, peakBytes: plan.peakBytes + kept.bytes },
      bytes: plan.parts.reduce((sum, { bytes }) => sum + bytes, 0),
      forward: { seconds: share * parts.forward, flops: share * forward.flops },
    };
  },
});

/** Passes over so many examples, which may be a fraction, as work that keeps nothing. */
export const passesOf = ({ forward }: KernelWork, examples: number): CellWork => ({
  ...noWork,
  ...{ seconds: examples * forward.seconds, flops: examples * forward.flops },
});

/** Work, or undefined where it has a kernel without a plan: that of a random subspace. */
export const unlessUnplanned = async <W>(count: () => Promise<W>): Promise<W | undefined> => {
  try {
    return await count();
  } catch (error) {
    if (isError(error, ConflictingOptionsError)) return undefined;
    throw error;
  }
};
