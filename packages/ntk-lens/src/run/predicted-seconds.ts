import type { KernelPlan } from '@ntk-lens/kernels';

/** Share of the measured GEMM rate that matrix products reach inside a run: they are smaller, and between others. */
export const PREDICTED_EFFICIENCY = 0.7;
/** Bytes per second that elementwise work moves on a CPU, where few of them stay in a cache. */
const MEMORY_RATE = 5e9;

/**
 * Seconds that a planned computation takes: counted FLOPs at a share of the GEMM rate, and the bytes of forward and
 * backward passes at the memory's rate. Loading weights and compiling programs are not in it.
 */
export const predictedSeconds = (
  { totalFlops, forward, factors }: Pick<KernelPlan, 'totalFlops' | 'forward' | 'factors'>,
  gemmGflops: number,
): number =>
  totalFlops / (gemmGflops * 1e9 * PREDICTED_EFFICIENCY) + (forward.bytes + factors.bytes) / MEMORY_RATE;
