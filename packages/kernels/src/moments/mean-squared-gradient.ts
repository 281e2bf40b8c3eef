import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import type { StageChain } from '@ntk-lens/models';
import { firstPosition } from '@ntk-lens/models';
import type { ExampleBatch } from '../factors/stage-factors.js';
import { type LossName, lossOf, targetsOf } from '../formulas/losses.js';
import type { WeightDirection } from '../formulas/weight-direction.js';
import { forwardBatches, openBatches, releaseBatches } from '../pass/example-batch.js';
import { streamStages } from '../pass/stream-stages.js';
import type { KeptSites } from '../plan/kept-values.js';
import type { CheckedRequest } from '../request/check-request.js';
import type { KernelRequest } from '../request/kernel-request.js';
import { SquaresContractor } from './squares-contractor.js';

/** A checked request, and what of it is in memory at once. */
export interface SquaresPlan extends CheckedRequest {
  /** Training examples that run together; every one is in one panel. */
  readonly panels: readonly (readonly number[])[];
  readonly kept: KeptSites;
}

/**
 * v = (1/N) Σ_i (∇ℓ_i)² over the training examples at θ₀, element by element, with ∇ℓ_i = Σ_c χ_c ∇f_c(ξ_i): one backward
 * pass per example from its output derivatives χ (docs/theory.md, Definitions).
 *
 * @param chain gives the logits of the label words
 */
export const meanSquaredGradient = async (
  chain: StageChain,
  {
    model,
    labels = [],
    range,
    labelWordIds,
    train,
    onProgress,
    tied = false,
  }: Omit<KernelRequest, 'runtime'>,
  { active, padTo, panels, kept, batchSize, words }: SquaresPlan,
  loss: LossName,
): Promise<WeightDirection> => {
  const { runtime } = chain;
  const { config } = model;
  const count = labelWordIds.length;
  const targets = targetsOf(labels, count, range);
  const lengths = { padTo, firstPosition: firstPosition(config) };
  const squares = new SquaresContractor({ runtime, active, lengths, tied });
  for (const [b, panel] of panels.entries()) {
    const examples = panel.map((i) => train[i]!);
    const held: ExampleBatch[] = [];
    try {
      await openBatches(runtime, examples, { config, batchSize, words }, held);
      const logits = await forwardBatches(chain, held, kept);
      for (const [i, { indices, running }] of held.entries()) {
        const own = indices.flatMap((at) => [
          ...targets.subarray(panel[at]! * count, (panel[at]! + 1) * count),
        ]);
        const { cotangent } = lossOf(loss, logits[i]!, Float64Array.from(own));
        const chi = ndarray<'float32'>(Float32Array.from(cotangent), [indices.length, count]);
        running.cotangents = [await runtime.upload(chi)];
      }
      const label = `panel ${b + 1}/${panels.length}`;
      await streamStages(chain, held, [{ columns: [], contractorOf: () => squares }], {
        ...{ active, lengths, phase: 'squared gradients', label },
        onProgress,
      });
    } finally {
      releaseBatches(runtime, held);
    }
  }
  const sums = squares.sums;
  return {
    read: async (parameter): Promise<NDArray<'float32'>> => {
      const shape = model.parameters.get(parameter) ?? [];
      const v = new Float32Array(sizeOf(shape));
      sums.get(parameter)?.addTo(v);
      for (let i = 0; i < v.length; i++) v[i] = v[i]! / train.length;
      return ndarray<'float32'>(v, shape);
    },
  };
};
