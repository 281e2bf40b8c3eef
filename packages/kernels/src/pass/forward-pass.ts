import { type NDArray, throwIfCancelled } from '@ntk-lens/core';
import type { Resident } from '@ntk-lens/engine';
import { forwardProgram, type StageDims } from '../factors/stage-programs.js';
import type { ExampleBatch } from './example-batch.js';
import type { KernelContext } from './kernel-context.js';

/** Sizes of a stage's programs for a batch, from the state that enters the stage. */
export const dimsOf = (
  context: KernelContext,
  batch: ExampleBatch,
  state: Resident | undefined,
): StageDims => ({
  model: context.modelKey,
  n: batch.indices.length,
  length: batch.length,
  ...(state && { input: state.shape }),
  readouts: context.readouts,
});

/**
 * Runs a batch through all stages and keeps the hidden state that enters each, in `batch.states`.
 *
 * @returns the outputs f(ξ; θ₀), `[n, C]`
 */
export const forwardBatch = async (
  context: KernelContext,
  batch: ExampleBatch,
  signal?: AbortSignal,
): Promise<NDArray> => {
  const { runtime, stages, weights } = context;
  let state: Resident | undefined;
  for (const [index, stage] of stages.entries()) {
    throwIfCancelled(signal, 'The kernel computation');
    batch.states[index] = state;
    const isHead = index === stages.length - 1;
    const program = forwardProgram(stage, dimsOf(context, batch, state), isHead);
    const inputs = { ...weights.of(stage), ...batch.side, ...(state && { x: state }) };
    if (isHead) return (await runtime.compute(program, inputs))['y']!;
    state = (await runtime.run(program, inputs))['y']!;
  }
  throw new Error('A model has at least one stage.');
};
