import { byTurns, medianOf } from '../measure/by-turns.js';
import { runApart } from '../measure/processes.js';
import { runPeer } from '../peers/python.js';

/** GFLOP/s of a plain product, medians over the turns. */
export interface ProductRates {
  readonly ours: number;
  readonly torch: number;
  /** PyTorch's rate ÷ ours: near 1 where its library is made for the processor. */
  readonly ratio: number;
}

interface Measured {
  readonly gflops: number;
}

export interface ProductOptions {
  readonly python: string;
  readonly runtime: string;
  readonly threads: number;
  readonly turns: number;
}

/** Rates of the product of two square matrices, each measurement in a process of its own. */
export const productRates = async ({
  python,
  runtime,
  threads,
  turns,
}: ProductOptions): Promise<ProductRates> => {
  const measured = await byTurns<{ ours: Measured; torch: Measured }>(
    {
      ours: () => runApart('products', { threads, runtime, ours: true }),
      torch: () => runPeer(python, 'peer_product.py', { threads }),
    },
    { turns },
  );
  const ours = medianOf(measured, (turn) => turn.ours.gflops);
  const torch = medianOf(measured, (turn) => turn.torch.gflops);
  return { ours, torch, ratio: medianOf(measured, (turn) => turn.torch.gflops / turn.ours.gflops) };
};

/**
 * The least ratio of times against hook-based PyTorch: `level` where its plain product is as fast as ours, 2 where it is
 * slow, linear between.
 *
 * @param ratio rate of its plain product ÷ that of ours
 */
export const floorFor = (ratio: number, level: number): number => {
  const slow = Math.min(1, Math.max(0, (0.9 - ratio) / (0.9 - 0.6)));
  return level + slow * (2 - level);
};
